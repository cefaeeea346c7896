export const scale = (xs) => {
  const top = Math.max(...xs);
  return xs.map((x) => x / top);
};
