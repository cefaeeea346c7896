/** E0601–E0605: sweeps, comparisons, expectations and contracts. */
export const goalsMessages = {} as const;
