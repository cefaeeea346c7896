/** Files as different programs write them: pictures, pages, archives. */
import { deflateSync } from "node:zlib";
import { zipOf } from "./zip.ts";

export interface PngOptions {
  readonly level?: number;
  /** By which neighbours each byte is told: none, left, above, their mean, the nearest (Paeth's). */
  readonly filter?: 0 | 1 | 2 | 3 | 4;
  readonly note?: string;
  /** Grey; grey values as colours; places in a palette of greys, in 4 bits each. */
  readonly type?: 0 | 2 | 3;
  readonly interlaced?: boolean;
  /** 4 where it is not said. */
  readonly width?: number;
}

function chunk(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, data, Buffer.alloc(4)]);
}

function filtered(rows: readonly (readonly number[])[], filter: number, step: number): number[] {
  return rows.flatMap((row, y) => [
    filter,
    ...row.map((byte, x) => {
      const left = row[x - step] ?? 0;
      const above = rows[y - 1]?.[x] ?? 0;
      const corner = rows[y - 1]?.[x - step] ?? 0;
      const nearest = [left, above, corner].reduce((best, it) =>
        Math.abs(left + above - corner - it) < Math.abs(left + above - corner - best) ? it : best,
      );
      return (byte - ([0, left, above, (left + above) >> 1, nearest][filter] ?? 0)) & 255;
    }),
  ]);
}

/** In which pass each pixel of eight times eight comes, as the specification of PNG draws it. */
const passes = "16462646 77777777 56565656 77777777 36463646 77777777 56565656 77777777".split(" ");

function rowsOf(pixels: readonly number[], width: number): readonly (readonly number[])[] {
  return Array.from({ length: pixels.length / width }, (_, y) =>
    pixels.slice(width * y, width * (y + 1)),
  );
}

/** The rows of each pass; those without pixels are not there. */
function interlace(rows: readonly (readonly number[])[]): readonly (readonly number[][])[] {
  return [..."1234567"].map((pass) =>
    rows
      .map((row, y) => row.filter((_, x) => passes[y % 8]?.[x % 8] === pass))
      .filter((row) => row.length > 0),
  );
}

/** Pixels of grey. */
export function png(pixels: readonly number[], options: PngOptions = {}): Buffer {
  const { level = 6, filter = 0, note = "", type = 0, interlaced = false, width = 4 } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(pixels.length / width, 4);
  header.set([type === 3 ? 4 : 8, type, 0, 0, interlaced ? 1 : 0], 8);
  const palette = [...new Set(pixels)];
  const places = (row: readonly number[]): readonly number[] =>
    row.flatMap((it, x) =>
      x % 2 ? [] : [(palette.indexOf(it) << 4) | Math.max(0, palette.indexOf(row[x + 1] ?? it))],
    );
  const bytesOf = (row: readonly number[]): readonly number[] =>
    type === 0 ? row : type === 2 ? row.flatMap((it) => [it, it, it]) : places(row);
  const rows = rowsOf(pixels, width);
  const data = (interlaced ? interlace(rows) : [rows]).flatMap((its) =>
    filtered(its.map(bytesOf), filter, type === 2 ? 3 : 1),
  );
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from(note)),
    chunk("PLTE", Buffer.from(palette.flatMap((it) => [it, it, it]))),
    chunk("IDAT", deflateSync(Buffer.from(data), { level })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

export function pdf(date: string, drawing: string, level = 6): Buffer {
  const data = deflateSync(drawing, { level });
  return Buffer.concat([
    Buffer.from(
      `%PDF-1.4\n1 0 obj\n<< /CreationDate (D:${date}) /Producer (R ${date}) /Title (plot) >>\nendobj\n2 0 obj\n<< /Length ${data.length} /Filter /FlateDecode >>\nstream\n`,
    ),
    data,
    Buffer.from(
      `\nendstream\nendobj\nxref\n0 3\n${date}\ntrailer\n<< /ID [<${level}><${level}>] >>\n%%EOF\n`,
    ),
  ]);
}

export function tar(mtime: number, files: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(files).map(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name);
    header.write(text.length.toString(8).padStart(11, "0"), 124);
    header.write(mtime.toString(8).padStart(11, "0"), 136);
    header.write("0ustar\x0000", 156);
    header.write("ustar\x0000", 257);
    return Buffer.concat([header, Buffer.from(text.padEnd(512, "\0"))]);
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export function zip(time: number, name: string, content: string): Buffer {
  return zipOf([{ name, content, time }]);
}
