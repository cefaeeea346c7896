/** Counts what has begun and not ended, for those who wait until nothing is under way. */
export class UnderWay {
  #count = 0;
  #wake: () => void = () => {};

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#wake();
  }

  async untilNothing(): Promise<void> {
    while (this.#count > 0) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
