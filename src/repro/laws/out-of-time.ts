/** The budget has ended, or somebody has interrupted: no finding, and no failure. */
export class OutOfTime extends Error {}
