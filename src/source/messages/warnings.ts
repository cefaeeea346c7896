/** E0701–E0705: things that are legal and probably a mistake. */
export const warningsMessages = {} as const;
