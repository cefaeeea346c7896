export const scale = (xs) => {
  const top = Math.max(...xs);
  return xs.map((x) => Math.round((1000 * x) / top) / 1000);
};
