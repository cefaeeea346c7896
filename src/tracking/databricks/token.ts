/** OAuth from machine to machine: a service principal's id and secret are exchanged for a token, again before it expires. */
import {
  explainMalformed,
  explainRefusal,
  fail,
  tidy,
  tryParse,
  type Answer,
} from "../client-failure.ts";
import { exchange, type Access, type Connection } from "../client-http.ts";
import { encodeBasic } from "../client-settings.ts";
import { MalformedMessage, readMessage } from "../read-message.ts";
import type { Attempt, Budget, Surroundings } from "../retry.ts";
import { integer, message, text } from "../shape.ts";
import { TrackingError } from "../tracking.ts";
import type { SignIn } from "./sign-in.ts";

type Client = Extract<SignIn, { readonly kind: "client" }>;

interface Token {
  readonly value: string;
  /** Of the clock of the surroundings. */
  readonly usableUntil: number;
}

/** Before its end, so that a request that is under way when it comes still counts. */
const marginMs = 60_000;

const tokenAnswer = message({ access_token: text, token_type: text, expires_in: integer });

/** `connection` signs in nobody by itself. `learn` is told of each token, for no message to contain it. */
export function accessByToken(
  connection: Connection,
  client: Client,
  { now }: Pick<Surroundings, "now">,
  learn: (secret: string) => void,
): Access {
  let token: Token | undefined;
  let asked: Promise<Attempt<Token>> | undefined;
  const headersWith = ({ value }: Token): Attempt<Readonly<Record<string, string>>> => ({
    kind: "done",
    value: { ...connection.settings.identity, authorization: `Bearer ${value}` },
  });
  const obtain = async (budget: Budget): Promise<Attempt<Token>> => {
    const obtained = await requestToken(connection, client, now, budget);
    if (obtained.kind === "done") {
      token = obtained.value;
      learn(token.value);
    }
    asked = undefined;
    return obtained;
  };
  return {
    identify: async (budget) => {
      if (token !== undefined && now() < token.usableUntil) return headersWith(token);
      const obtained = await (asked ??= obtain(budget));
      return obtained.kind === "done" ? headersWith(obtained.value) : obtained;
    },
    renew: ({ authorization }) => {
      if (authorization === `Bearer ${token?.value}`) token = undefined;
      return true;
    },
  };
}

async function requestToken(
  connection: Connection,
  client: Client,
  now: () => number,
  budget: Budget,
): Promise<Attempt<Token>> {
  const asked = now();
  const answered = await exchange(
    connection,
    {
      method: "POST",
      url: `${connection.settings.origin}/oidc/v1/token`,
      headers: {
        authorization: `Basic ${encodeBasic(client.id.value, client.secret.value)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials&scope=all-apis",
    },
    budget,
  );
  const judged =
    answered.kind === "failed" ? answered : judge(answered.value, connection, client, asked);
  return judged.kind === "failed" ? beforeAnything(judged) : judged;
}

/** Whatever became of the request for a token, the call that needed it has not been made. */
function beforeAnything({ failure: { error, retry } }: Attempt<Token> & { kind: "failed" }) {
  return fail<Token>(error, retry && "untouched", retry?.afterMs);
}

function judge(
  answer: Answer,
  { settings }: Connection,
  client: Client,
  asked: number,
): Attempt<Token> {
  if (answer.status === 400 || answer.status === 401 || answer.status === 403)
    return fail(refused(answer, settings.secrets, client));
  if (answer.status !== 200) return { kind: "failed", failure: explainRefusal(answer, settings) };
  try {
    return { kind: "done", value: readToken(answer, asked) };
  } catch (cause) {
    if (!(cause instanceof MalformedMessage)) throw cause;
    return { kind: "failed", failure: explainMalformed(answer, cause.message, settings) };
  }
}

function readToken({ text: answer }: Answer, asked: number): Token {
  const { access_token, token_type, expires_in } = readMessage(tokenAnswer, tryParse(answer), {
    name: "the answer to the request for a token",
  });
  if (!/^bearer$/i.test(token_type) || !/^[\x21-\x7e]+$/.test(access_token))
    throw new MalformedMessage("the token is none to sign in with");
  const life = expires_in * 1000;
  return { value: access_token, usableUntil: asked + life - Math.min(marginMs, life / 2) };
}

function refused(
  { text: answer }: Answer,
  secrets: readonly string[],
  { id, secret }: Client,
): TrackingError {
  const said = tryParse(answer);
  const reason =
    typeof said === "object" && said !== null && "error" in said
      ? `: ${tidy(String(said.error), secrets).slice(0, 100)}`
      : "";
  return new TrackingError(
    "UNAUTHENTICATED",
    `The Databricks workspace gives no token for the service principal of ${id.from}${reason}`,
    `Check ${id.from} and ${secret.from}, and that the service principal is a member of the workspace.`,
  );
}
