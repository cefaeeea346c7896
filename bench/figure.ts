/** One row of what is printed. */
export interface Figure {
  readonly what: string;
  readonly figure: string;
  /** Empty where none was set. */
  readonly aim: string;
}

export function sayFigure({ what, figure, aim }: Figure): void {
  console.log(`| ${what.padEnd(60)} | ${figure.padEnd(36)} | ${aim.padEnd(24)} |`);
}
