#!/usr/bin/env node
/** The command `mlpipe-mlflow`: stands in for Python's `mlflow` where clients of other languages call it. */
import { enableCompileCache } from "node:module";

enableCompileCache();
const { mlflowMain } = await import("./mlflow/main.ts");
process.exitCode = await mlflowMain(process.argv.slice(2));
