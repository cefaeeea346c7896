export const distance = (a, b) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0);
