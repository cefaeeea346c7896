/** One attempt of one call: sent, answered, judged. */
import { decodeAnswer } from "./client-answer.ts";
import { explainMalformed, explainRefusal, type Answer } from "./client-failure.ts";
import { isSuccess } from "./client-file.ts";
import { exchange, type Connection } from "./client-http.ts";
import { encodeCall } from "./client-request.ts";
import type { Settings } from "./client-settings.ts";
import type { Endpoint } from "./endpoints.ts";
import { MalformedMessage } from "./read-message.ts";
import type { Attempt, Budget } from "./retry.ts";
import type { Fields, ValuesOf } from "./shape.ts";

export async function callEndpoint<Request extends Fields, Response extends Fields>(
  connection: Connection,
  endpoint: Endpoint<Request, Response>,
  request: ValuesOf<Request>,
  budget: Budget,
): Promise<Attempt<ValuesOf<Response>>> {
  const { method, path, body } = encodeCall(endpoint, request);
  const url = connection.settings.uri + path;
  const headers = body === undefined ? {} : { "content-type": "application/json" };
  const answered = await exchange(connection, { method, url, headers, body }, budget);
  return answered.kind === "failed"
    ? answered
    : judge(endpoint, answered.value, connection.settings);
}

function judge<Response extends Fields>(
  endpoint: Endpoint<Fields, Response>,
  answer: Answer,
  settings: Settings,
): Attempt<ValuesOf<Response>> {
  if (!isSuccess(answer)) return { kind: "failed", failure: explainRefusal(answer, settings) };
  try {
    return { kind: "done", value: decodeAnswer(endpoint, answer.text) };
  } catch (cause) {
    if (!(cause instanceof MalformedMessage)) throw cause;
    return { kind: "failed", failure: explainMalformed(answer, cause.message, settings) };
  }
}
