/** What the server answers, apart from how HTTP brings it: a table of routes, each with who may ask. */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";

export interface Asked {
  readonly verb: string;
  /** Of the path, decoded once; `*` is the rest of it. */
  readonly params: Readonly<Record<string, string>>;
  /** What stands behind the question mark, as it was sent. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Not read yet. */
  readonly body: Readable;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}

export interface Route {
  readonly verb: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `:name` is one segment, `*` at the end the rest. */
  readonly path: string;
  /** `open`: for everybody, whatever the Host; `guarded`: for those who hold a token, where the server has any. */
  readonly access: "open" | "guarded";
  readonly answer: (asked: Asked) => Reply | Promise<Reply>;
}

export function json(text: string, status = 200): Reply {
  return { status, headers: { "content-type": "application/json" }, body: text };
}

export function plain(text: string, status = 200): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: text };
}
