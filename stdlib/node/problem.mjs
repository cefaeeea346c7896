/** A mistake that the step's author can mend, with the code it has in mlpipe's table of messages. */
export class Problem extends Error {
  /** @param {string} code @param {string} message @param {string} fix */
  constructor(code, message, fix = "") {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}
