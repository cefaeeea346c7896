/** Why a run cannot be replayed: something of it is gone, or was never recorded. */

/** One line that names what is missing, one that says what to do. */
export class CannotReplay extends Error {
  readonly fix: string;
  constructor(message: string, fix = "") {
    super(message);
    this.fix = fix;
  }
}
