/** L6: steps that do not need one another may run in any order. */
import type { Law } from "./law.ts";

export const order: Law = {
  id: "L6",
  title: "order",
  counted: "case",
  executions: "shared",
  statement: "steps that do not need one another commute",
  explanation: `The run is executed with its steps taken up in another order, one that turns as many pairs round as can be, and also two at a time. Where that changes a result, a step uses what another one leaves behind without saying so: a file in the project's folder, a temporary file, a database.

What to do: declare it. An output of the one step (\`artifact rows: csv\`) that is an input of the other (\`input rows from split\`) makes the order, and \`after split\` makes it where nothing is passed on.`,
  check: ({ agreement }) => agreement.outcomeOf("L6"),
};
