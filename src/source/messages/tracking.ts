/** E0501–E0505: what MLflow refuses. */
export const trackingMessages = {} as const;
