export class Deadline {
  #end;
  constructor(ms) { this.#end = Date.now() + ms; }
  get passed() { return Date.now() >= this.#end; }
}

export function anneal(energy, start, deadline) {
  let x = start;
  let heat = 1;
  while (!deadline.passed) {
    x -= heat * 1e-6 * Math.sign(energy(x + 1e-6) - energy(x - 1e-6));
    heat *= 0.999999999;
  }
  return x;
}
