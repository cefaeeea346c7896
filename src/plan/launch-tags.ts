/** What a run that a launch has started is tagged with. */
import type { Launch, Program } from "../check/program.ts";
import type { KeyValue } from "../tracking/entities.ts";

/** `mlpipe.file` is not among them: in a project that mlpipe has compiled, that is the other side's file. */
export function launchTags(program: Program, { name, doc }: Launch): readonly KeyValue[] {
  return [
    ...(doc ? [{ key: "mlflow.note.content", value: doc }] : []),
    { key: "mlpipe.launch", value: name },
    { key: "mlpipe.launch_file", value: program.file },
  ];
}
