/** Answers of servers old and new, read into the types of the endpoints. */
import type { Endpoint } from "./endpoints.ts";
import { parseJson } from "./json.ts";
import { MalformedMessage, readMessage } from "./read-message.ts";
import type { Fields, ValuesOf } from "./shape.ts";

/** Throws MalformedMessage for an answer that lacks what the endpoint promises. */
export function decodeAnswer<Response extends Fields>(
  { response }: Endpoint<Fields, Response>,
  text: string,
): ValuesOf<Response> {
  return readMessage(response, parse(text), { name: "the answer" });
}

/** The parser's own message is left out: it quotes the text. */
function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new MalformedMessage("the answer is no JSON");
  }
}
