/** PDF as the text of its objects: streams inflated, without dates, ids, the program that wrote it, and places in the file. */
import { inflateSync } from "node:zlib";
import { type Kind, NotReadable, type Room, unpack } from "./kind.ts";

export const pdf: Kind<string> = {
  read: readObjects,
  canonical: (content) => content,
};

const string = String.raw`(?:\((?:[^()\\]|\\[^]|\([^()]*\))*\)|<[0-9A-Fa-f\s]*>)`;
/** Entries of dictionaries that say when, by whom and how the file was written. */
const notes = new RegExp(
  String.raw`\s*/(?:CreationDate|ModDate|Producer|Creator)\s*${string}|\s*/ID\s*\[\s*${string}\s*${string}\s*\]|\s*/Length\s+\d+(?:\s+\d+\s+R)?`,
  "g",
);
/** The same in metadata as XML. */
const xmlNotes =
  /<(xmp:(?:Create|Modify|Metadata)Date|xmpMM:(?:Document|Instance)ID|pdf:Producer|xmp:CreatorTool)>[^<]*<\/\1>/g;

function readObjects(file: Buffer, room: Room): string {
  const text = file.toString("latin1");
  if (!text.startsWith("%PDF-")) throw new NotReadable("is no PDF");
  const header = /(\d+ \d+ obj)\b/g;
  const objects: string[] = [];
  for (let match = header.exec(text); match; match = header.exec(text)) {
    const { content, end } = readObject(file, text, header.lastIndex, room);
    // A number alone is the length of a stream, which depends on the compression.
    const isLength = /^\d+$/.test(content ?? "");
    if (content !== undefined && !isLength) objects.push(`${match[1]}\n${content}\n`);
    header.lastIndex = end;
  }
  return objects.join("");
}

/** No content: it only says where other objects are. `end`: where to look for the next one. */
function readObject(
  file: Buffer,
  text: string,
  start: number,
  room: Room,
): { readonly content: string | undefined; readonly end: number } {
  const end = indexOr(text, "endobj", start);
  const streamAt = text.indexOf("stream", start);
  const isPlain = streamAt < 0 || streamAt > end;
  const dictionary = text.slice(start, isPlain ? end : streamAt).trim();
  if (isPlain) return { content: withoutNotes(dictionary), end };
  const dataAt = streamAt + (text.startsWith("\r\n", streamAt + 6) ? 8 : 7);
  const dataEnd = endOfData(text, dictionary, dataAt);
  const after = indexOr(text, "endobj", dataEnd);
  if (/\/Type\s*\/XRef\b/.test(dictionary)) return { content: undefined, end: after };
  const data = decode(file.subarray(dataAt, dataEnd), dictionary, room);
  return { content: `${withoutNotes(dictionary)}\n${withoutNotes(data)}`, end: after };
}

function indexOr(text: string, word: string, from: number): number {
  const at = text.indexOf(word, from);
  return at < 0 ? text.length : at;
}

/** The length may be said in an object of its own: then the next `endstream` counts. */
function endOfData(text: string, dictionary: string, start: number): number {
  const length = /\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1];
  const end = start + Number(length);
  if (length !== undefined && /^\s*endstream/.test(text.slice(end, end + 16))) return end;
  return indexOr(text, "endstream", start);
}

function decode(data: Buffer, dictionary: string, room: Room): string {
  const isPacked = /\/FlateDecode\b/.test(dictionary);
  const plain = isPacked ? unpack(inflateSync, data, room) : undefined;
  return (plain ?? data).toString("latin1");
}

function withoutNotes(text: string): string {
  return text.replace(notes, "").replace(xmlNotes, "").replace(/\r\n?/g, "\n");
}
