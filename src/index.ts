/** The public API: text in, a checked program, its plan and its MLproject out. Everything runs in a browser but the disk. */
export { compile } from "./compile.ts";
export type { Program } from "./check/program.ts";
export { printMlproject } from "./emit/mlproject.ts";
export { printPlan } from "./emit/calls.ts";
export { lower } from "./plan/lower.ts";
export { chooseParams } from "./plan/params.ts";
export type { Plan } from "./plan/plan.ts";
export type { Diagnostic } from "./source/diagnostic.ts";
export { diskFiles } from "./source/disk.ts";
export type { Files } from "./source/files.ts";
export { memoryFiles } from "./source/memory.ts";
export { report, toJson } from "./source/report.ts";
export { parse } from "./syntax/parse.ts";
export { print } from "./syntax/print.ts";
