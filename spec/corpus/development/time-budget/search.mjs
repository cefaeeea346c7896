export function descend(budget) {
  const end = performance.now() + budget;
  let x = 4;
  let steps = 0;
  while (performance.now() < end) {
    x -= 0.0001 * Math.sin(x);
    steps++;
  }
  return { x, steps };
}
