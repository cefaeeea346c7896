/** E0201–E0205: names, scopes and imports. */
export const namesMessages = {} as const;
