const { NODE_ENV: stage } = process.env;

export const rules = stage === "production" ? [(row) => row.amount > 0, (row) => !row.test] : [(row) => row.amount > 0];
