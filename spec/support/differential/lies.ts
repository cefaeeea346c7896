/** A server that stands before another and answers wrongly in one small way each: what a comparison has to notice. */
import { createServer, request, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import type { RunningServer } from "./servers.ts";
import { headersOf } from "./world.ts";

interface Reply {
  readonly status: number;
  readonly type: string;
  /** A character a byte. */
  readonly text: string;
  /** The headers that a comparison looks at; `type` takes precedence. */
  readonly sent: Readonly<Record<string, string>>;
}

export interface Lie {
  /** Completes "a server that …". */
  readonly title: string;
  readonly tell: (reply: Reply, asked: IncomingMessage) => Reply;
  /** Requests that are answered without being performed. */
  readonly swallows?: RegExp;
}

const rewrite =
  (pattern: RegExp, replacement: string): Lie["tell"] =>
  (reply) => ({ ...reply, text: reply.text.replace(pattern, replacement) });

export const lies: readonly Lie[] = [
  {
    title: "answers 400 for what is not there",
    tell: (reply) => (reply.status === 404 ? { ...reply, status: 400 } : reply),
  },
  {
    title: "names another error code",
    tell: rewrite(/"RESOURCE_ALREADY_EXISTS"/, '"INVALID_PARAMETER_VALUE"'),
  },
  { title: "forgets tags", tell: (reply) => reply, swallows: /\/runs\/set-tag$/ },
  { title: "writes a step as text", tell: rewrite(/"step": ?(-?\d+)/, '"step":"$1"') },
  { title: "leaves out the end of a run", tell: rewrite(/,"end_time":\d+/, "") },
  {
    title: "writes an empty list where MLflow writes none",
    tell: rewrite(/"data":\{\}/, '"data":{"tags":[]}'),
  },
  { title: "names another type", tell: (reply) => ({ ...reply, type: "text/json" }) },
  {
    title: "keeps the time of an earlier change",
    tell: rewrite(/("creation_time":(\d+),"last_update_time":)\d+/, "$1$2"),
  },
  {
    title: "turns the order of runs",
    tell: (reply, { url = "" }) =>
      url.endsWith("/runs/search") ? { ...reply, text: turned(reply.text) } : reply,
  },
  { title: "ends a list too early", tell: rewrite(/,?"next_page_token":"[^"]*"/, "") },
];

function turned(text: string): string {
  const body = JSON.parse(text) as { readonly runs?: readonly unknown[] };
  return JSON.stringify(body.runs === undefined ? body : { ...body, runs: body.runs.toReversed() });
}

export async function lieBefore(server: RunningServer, lie: Lie): Promise<RunningServer> {
  const proxy = createServer((asked, answer) => {
    void passOn(server.uri, asked, lie).then(({ status, type, text, sent }) => {
      const named = type === "" ? {} : { "content-type": type };
      answer
        .writeHead(status, { ...sent, ...named, "content-length": text.length })
        .end(text, "latin1");
    });
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    empty: server.empty,
    stop: async () => {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, "close");
    },
  };
}

async function passOn(uri: string, asked: IncomingMessage, lie: Lie): Promise<Reply> {
  const { method = "GET", url = "/" } = asked;
  if (lie.swallows?.test(url) === true) {
    asked.resume();
    return { status: 200, type: "application/json", text: "{}", sent: {} };
  }
  const { hostname, port, host } = new URL(uri);
  const headers = { ...asked.headers, host };
  const passed = request({ hostname, port, method, path: url, headers, agent: false });
  asked.pipe(passed);
  const [answer] = (await once(passed, "response")) as [IncomingMessage];
  const reply = {
    status: answer.statusCode ?? 0,
    type: answer.headers["content-type"] ?? "",
    text: await textOf(answer),
    sent: headersOf(answer),
  };
  return lie.tell(reply, asked);
}

async function textOf(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("latin1");
}
