/** The words of R's serialization formats: `X` (big-endian), `B` (as the machine has it, little-endian) and `A` (text). */

import { NotReadable } from "../kind.ts";

export interface Stream {
  readonly int: () => number;
  /** So many elements of so many bytes each, the highest byte first. */
  readonly words: (count: number, width: 4 | 8) => Buffer;
  readonly bytes: (count: number) => Buffer;
  /** A text of so many bytes. */
  readonly text: (count: number) => Buffer;
}

/** Goes forward through `data`, and rejects to go beyond its end. */
function openBinary(data: Buffer, start: number, isBig: boolean): Stream {
  let at = start;
  const pass = (count: number): number => {
    if (count < 0 || at + count > data.length) throw new NotReadable("ends too early");
    at += count;
    return at - count;
  };
  const take = (count: number): Buffer => data.subarray(pass(count), at);
  return {
    int: () => (isBig ? data.readInt32BE(pass(4)) : data.readInt32LE(pass(4))),
    words(count, width) {
      const all = Buffer.from(take(count * width));
      if (isBig) return all;
      return width === 4 ? all.swap32() : all.swap64();
    },
    bytes: take,
    text: take,
  };
}

/** One word a line; texts with escapes as in C. */
function openText(data: Buffer, start: number): Stream {
  let at = start;
  const word = (): string => {
    const end = data.indexOf(10, at);
    if (end < 0) throw new NotReadable("ends too early");
    const text = data.toString("latin1", at, end);
    at = end + 1;
    return text;
  };
  const int = (): number => {
    const text = word();
    return text === "NA" ? -0x80000000 : Number(text);
  };
  return {
    int,
    words(count, width) {
      const all = Buffer.alloc(count * width);
      for (let i = 0; i < count; i++)
        if (width === 4) all.writeInt32BE(int(), i * 4);
        else writeDouble(all, i * 8, word());
      return all;
    },
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => parseInt(word(), 16))),
    text: () => unescape(word()),
  };
}

function writeDouble(target: Buffer, at: number, text: string): void {
  if (text === "NA") target.writeBigUInt64BE(0x7ff00000000007a2n, at);
  else target.writeDoubleBE(special.get(text) ?? Number(text), at);
}
const special: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Inf", Infinity],
  ["-Inf", -Infinity],
]);

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  v: "\v",
  b: "\b",
  r: "\r",
  f: "\f",
  a: "\x07",
};

function unescape(text: string): Buffer {
  const plain = text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(parseInt(code, 8)) : (escapes[code] ?? code),
  );
  return Buffer.from(plain, "latin1");
}

export interface Opened {
  readonly stream: Stream;
  /** Of texts that say nothing about their own; "" where the file does not say either. */
  readonly encoding: string;
}

/** Behind the header. Throws NotReadable. */
export function openStream(data: Buffer): Opened {
  const letter = data.toString("latin1", 0, 2);
  if (!/^[XBA]\n$/.test(letter)) throw new NotReadable("is no serialized object of R");
  const stream = letter === "A\n" ? openText(data, 2) : openBinary(data, 2, letter === "X\n");
  const version = stream.int();
  stream.int();
  stream.int();
  if (version === 2) return { stream, encoding: "" };
  if (version !== 3)
    throw new NotReadable(`is in version ${version} of R's format, which is not known here`);
  return { stream, encoding: stream.text(stream.int()).toString("latin1") };
}
