/** Requests to a tracking server, so many at a time, and how long they take. */
import { Pool, request } from "undici";

export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

export interface Call {
  readonly method: "GET" | "POST";
  /** Below the server's address. */
  readonly path: string;
  readonly body?: unknown;
}

/** Sends `call(0)`, `call(1)`, … over `connections` for about `milliseconds`; any answer but 200 is an error. */
export async function load(
  url: string,
  connections: number,
  milliseconds: number,
  call: (index: number) => Call,
): Promise<Load> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const took: number[] = [];
  let next = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - began < milliseconds) took.push(await send(pool, call(next++)));
  };
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - began) / 1000;
  await pool.close();
  return { perSecond: took.length / seconds, p50: quantile(took, 0.5), p95: quantile(took, 0.95) };
}

async function send(pool: Pool, { method, path, body }: Call): Promise<number> {
  const began = performance.now();
  const answer = await pool.request({
    method,
    path,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${text}`);
  return performance.now() - began;
}

/** One call on a connection of its own, its answer parsed: servers close idle ones when they like. */
export async function ask<T>(url: string, { method, path, body }: Call): Promise<T> {
  const answer = await request(url + path, {
    method,
    reset: true,
    headersTimeout: 600_000,
    bodyTimeout: 600_000,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode} ${text}`);
  return JSON.parse(text) as T;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
