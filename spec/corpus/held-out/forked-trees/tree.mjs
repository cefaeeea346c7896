import { readFileSync } from "node:fs";

const rows = JSON.parse(readFileSync(0, "utf8"));
const drawn = rows.map(() => rows[Math.floor(Math.random() * rows.length)]);
const split = drawn.reduce((sum, { x }) => sum + x, 0) / drawn.length;
const side = (keep) => drawn.filter(keep).reduce((sum, { y }, _, all) => sum + y / all.length, 0);
console.log(JSON.stringify({ split, low: side(({ x }) => x < split), high: side(({ x }) => x >= split) }));
