/** Pictures as PNG (its specification, third edition): the colours of the pixels, however they are stored, and no notes. */
import { inflateSync } from "node:zlib";
import { type Kind, NotReadable, type Room, takeRoom } from "./kind.ts";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Row by row: red, green, blue and opacity of each pixel, in one byte each; in two where the file has 16 bits a sample. */
  readonly colours: Buffer;
}

export const png: Kind<Picture> = {
  read: readPicture,
  canonical: ({ width, height, colours }) =>
    Buffer.concat([Buffer.from(`${width} ${height} ${colours.length}\n`), colours]),
};

interface Header {
  readonly width: number;
  readonly height: number;
  /** Bits a sample. */
  readonly depth: number;
  readonly type: number;
  readonly isInterlaced: boolean;
  readonly palette: Buffer | undefined;
  readonly transparency: Buffer | undefined;
}

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
/** Samples a pixel, by colour type: grey, colour, of a palette, grey with opacity, colour with opacity. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Larger ones are not looked into. */
const mostPixels = 1 << 27;

function chunksOf(file: Buffer): ReadonlyMap<string, Buffer> {
  if (!file.subarray(0, 8).equals(signature)) throw new NotReadable("is no PNG");
  const chunks = new Map<string, Buffer[]>();
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    chunks.set(type, [...(chunks.get(type) ?? []), file.subarray(at + 8, at + 8 + length)]);
    at += 12 + length;
  }
  return new Map([...chunks].map(([type, parts]) => [type, Buffer.concat(parts)]));
}

function readHeader(chunks: ReadonlyMap<string, Buffer>): Header {
  const header = chunks.get("IHDR");
  if (header?.length !== 13) throw new NotReadable("is a PNG without a header");
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth = 0, type = 0] = [header[8], header[9]];
  if (samplesOf[type] === undefined || ![1, 2, 4, 8, 16].includes(depth))
    throw new NotReadable("is a PNG of a form that is not known here");
  if (width * height > mostPixels) throw new NotReadable("is too large a picture");
  const [palette, transparency] = [chunks.get("PLTE"), chunks.get("tRNS")];
  return { width, height, depth, type, isInterlaced: header[12] === 1, palette, transparency };
}

/** Every `columns`-th pixel of every `rows`-th row, from `x` and `y` on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
}

const whole: readonly Pass[] = [{ x: 0, y: 0, columns: 1, rows: 1 }];
/** Adam7 (section 8.1). */
const interlaced: readonly Pass[] = (
  [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const
).map(([x, y, columns, rows]) => ({ x, y, columns, rows }));

function readPicture(file: Buffer, room: Room): Picture {
  const chunks = chunksOf(file);
  const header = readHeader(chunks);
  const { width, height, depth } = header;
  takeRoom(room, width * height);
  const raw = inflate(chunks.get("IDAT") ?? Buffer.alloc(0), width * height * 8 + height * 8 + 64);
  const colours = Buffer.alloc(width * height * (depth === 16 ? 8 : 4));
  let at = 0;
  for (const pass of header.isInterlaced ? interlaced : whole)
    at = readPass(raw, at, pass, header, colours);
  return { width, height, colours };
}

function inflate(data: Buffer, most: number): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: most });
  } catch {
    throw new NotReadable("is a damaged PNG");
  }
}

/** Gives where the next pass begins. */
function readPass(raw: Buffer, start: number, pass: Pass, header: Header, colours: Buffer): number {
  const wide = Math.ceil((header.width - pass.x) / pass.columns);
  const high = Math.ceil((header.height - pass.y) / pass.rows);
  if (wide <= 0 || high <= 0) return start;
  const pixelBits = header.depth * (samplesOf[header.type] ?? 1);
  const rowBytes = Math.ceil((wide * pixelBits) / 8);
  const end = start + high * (rowBytes + 1);
  if (end > raw.length) throw new NotReadable("is a damaged PNG");
  const rows = unfilter(raw.subarray(start, end), rowBytes, Math.max(1, pixelBits >> 3));
  const size = header.depth === 16 ? 8 : 4;
  for (let row = 0; row < high; row++) {
    const its = rows.subarray(row * rowBytes, (row + 1) * rowBytes);
    const first = (pass.y + row * pass.rows) * header.width + pass.x;
    for (let column = 0; column < wide; column++)
      writeColour(its, column, header, colours, (first + column * pass.columns) * size);
  }
  return end;
}

/** Each row begins with a byte that says from which neighbours its bytes are differences (section 9.2). */
function unfilter(raw: Buffer, rowBytes: number, step: number): Buffer {
  const count = raw.length / (rowBytes + 1);
  const rows = Buffer.alloc(count * rowBytes);
  for (let row = 0; row < count; row++) {
    const filter = raw[row * (rowBytes + 1)] ?? 0;
    const from = row * (rowBytes + 1) + 1;
    const to = row * rowBytes;
    for (let i = 0; i < rowBytes; i++) {
      const left = i >= step ? (rows[to + i - step] ?? 0) : 0;
      const above = row > 0 ? (rows[to + i - rowBytes] ?? 0) : 0;
      const corner = row > 0 && i >= step ? (rows[to + i - rowBytes - step] ?? 0) : 0;
      rows[to + i] = (raw[from + i] ?? 0) + predicted(filter, left, above, corner);
    }
  }
  return rows;
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4:
      return paeth(left, above, corner);
    default:
      return 0;
  }
}

/** The neighbour that is nearest to what they would continue to. */
function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [toLeft, toAbove] = [Math.abs(guess - left), Math.abs(guess - above)];
  const toCorner = Math.abs(guess - corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** The colour of one pixel, to `at` in `colours`. */
function writeColour(
  row: Buffer,
  column: number,
  { depth, type, palette, transparency }: Header,
  colours: Buffer,
  at: number,
): void {
  const count = samplesOf[type] ?? 1;
  const red = sampleAt(row, column * count, depth);
  if (type === 3) {
    for (let part = 0; part < 3; part++) colours[at + part] = palette?.[3 * red + part] ?? 0;
    colours[at + 3] = transparency?.[red] ?? 255;
    return;
  }
  const isColour = type === 2 || type === 6;
  const green = isColour ? sampleAt(row, column * count + 1, depth) : red;
  const blue = isColour ? sampleAt(row, column * count + 2, depth) : red;
  const isClear =
    transparency !== undefined &&
    red === wordAt(transparency, 0) &&
    (!isColour || (green === wordAt(transparency, 1) && blue === wordAt(transparency, 2)));
  const most = 2 ** depth - 1;
  const opacity = type >= 4 ? sampleAt(row, column * count + count - 1, depth) : isClear ? 0 : most;
  put(colours, at, 0, red, depth);
  put(colours, at, 1, green, depth);
  put(colours, at, 2, blue, depth);
  put(colours, at, 3, opacity, depth);
}

function wordAt(words: Buffer, index: number): number {
  return ((words[2 * index] ?? 0) << 8) | (words[2 * index + 1] ?? 0);
}

function sampleAt(row: Buffer, index: number, depth: number): number {
  if (depth === 8) return row[index] ?? 0;
  if (depth === 16) return wordAt(row, index);
  const bit = index * depth;
  return ((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Samples of fewer than 8 bits are stretched to a whole byte. */
function put(colours: Buffer, at: number, part: number, value: number, depth: number): void {
  if (depth === 16) colours.writeUInt16BE(value, at + 2 * part);
  else colours[at + part] = depth === 8 ? value : (value * 255) / (2 ** depth - 1);
}
