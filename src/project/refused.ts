/** Why a project cannot be run as the user asks: one line that names the cause, one that mends it. */

/** Thrown before anything has run; no password in either text. */
export class ProjectRefused extends Error {
  readonly fix: string;
  constructor(message: string, fix = "") {
    super(message);
    this.name = "ProjectRefused";
    this.fix = fix;
  }
}
