/** R0801…: what goes wrong while a run runs. */
export const runningMessages = {} as const;
