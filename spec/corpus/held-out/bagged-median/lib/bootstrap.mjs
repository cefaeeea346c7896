const pick = (xs) => xs[Math.trunc(Math.random() * xs.length)];

export const bootstrap = (xs, times, of) => Array.from({ length: times }, () => of(xs.map(() => pick(xs))));
