/** E0301–E0307: types, defaults, domains and requirements. */
export const valuesMessages = {} as const;
