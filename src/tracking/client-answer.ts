/** Answers of servers old and new, read into the endpoint table's types. */
import { endpoints, type EndpointName, type ResponseOf } from "./endpoints.ts";
import { parseJson } from "./json.ts";
import { MalformedMessage, readMessage } from "./read-message.ts";

/** Throws MalformedMessage for an answer that lacks what the endpoint promises. */
export function decodeAnswer<E extends EndpointName>(endpoint: E, text: string): ResponseOf<E> {
  const { response } = endpoints[endpoint];
  return readMessage(response, parse(text), { name: "the answer" }) as ResponseOf<E>;
}

/** The parser's own message is left out: it quotes the text. */
function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new MalformedMessage("the answer is no JSON");
  }
}
