/** E0401–E0406: steps, inputs, code and files. */
export const stepsMessages = {} as const;
