/** Texts of R, whatever they are encoded in. */

const latin1 = 1 << 2;
const utf8 = 1 << 3;
const noEncoding = 1 << 1;
const ascii = 1 << 6;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `levels`: R's marks of the text. `native`: what its file says about texts without a mark. */
export function decodeText(bytes: Buffer, levels: number, native: string): string {
  if (levels & (ascii | noEncoding)) return bytes.toString("latin1");
  if (levels & latin1) return decodeWestern(bytes);
  if (levels & utf8 || isPlain(bytes)) return bytes.toString("utf8");
  return isWestern(native) ? decodeWestern(bytes) : decodeUnknown(bytes);
}

function isPlain(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function isWestern(name: string): boolean {
  return /^(iso-?8859-1|latin-?1|cp1252|windows-1252)$/i.test(name);
}

/** What R calls latin1 is read as Windows has it, as R does. */
function decodeWestern(bytes: Buffer): string {
  return new TextDecoder("windows-1252").decode(bytes);
}

function decodeUnknown(bytes: Buffer): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeWestern(bytes);
  }
}
