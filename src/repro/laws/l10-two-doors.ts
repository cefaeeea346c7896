/** L10: a run is the same whichever door it is started by. */
import { copyFor, mlpipe, wordsFor } from "./front-door.ts";
import { type Law, failed, held, notChecked } from "./law.ts";
import { breachBetween, whyNot } from "./own-law.ts";

export const twoDoors: Law = {
  id: "L10",
  title: "two doors",
  counted: "case",
  executions: "front-door",
  statement: "`mlpipe run` gives what the compiled MLproject gives when it is run",
  explanation: `mlpipe itself runs the file in a copy of the project; in another copy the file is compiled to an MLproject, and that is run as a project, with the same values as texts on a command line, as MLflow passes them. Both must give the same.

Where they do not, a value does not survive the way over the command line, or the code looks at how it was started.`,
  async check(session) {
    const { program, run, space } = session;
    const why = await whyNot(session);
    if (why !== undefined) return notChecked(why);
    if (!program.own.includes(run.name))
      return notChecked(`\`${run.name}\` is imported, and only a file's own runs are compiled`);
    const words = wordsFor(session, space.usual);
    const direct = await session.whole();
    const other = await copyFor(session, "project");
    const compiled = await mlpipe(session, other, ["compile", program.file]);
    if (compiled.code !== 0) return notChecked(`it cannot be compiled: ${compiled.complaint}`);
    const entry = ["run", ".", "--entry-point", run.name, "--env-manager", "local"];
    const ended = await mlpipe(session, other, [...entry, ...words, "--json"]);
    const breach = await breachBetween(
      session,
      direct,
      { folder: other, ended },
      {
        what: "run as an MLproject, it gives something else",
        fix: "see what the code reads of its command line and of MLFLOW_RUN_ID",
      },
    );
    return breach ? failed(1, [breach]) : held(1);
  },
};
