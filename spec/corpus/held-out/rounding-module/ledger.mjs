import half from "half-up";

export const total = (amounts) => amounts.reduce((sum, amount) => sum + half.round(amount), 0);
