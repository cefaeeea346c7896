/** Zip archives written byte by byte, also such as no tool would write. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  /** As Unix has it: file type and permissions. */
  readonly mode?: number;
  /** What the archive claims of the unpacked size, where that is a lie. */
  readonly claimedSize?: number;
  readonly encrypted?: boolean;
  /** In MS-DOS's counting; midnight where absent. */
  readonly time?: number;
}

/** The archive's bytes. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, header } = partsOf(entry, offset);
    locals.push(local);
    central.push(header);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

function partsOf(
  { name, content = "", mode = 0o100644, claimedSize, encrypted = false, time = 0 }: ZipEntry,
  offset: number,
): { readonly local: Buffer; readonly header: Buffer } {
  const bytes = Buffer.from(content);
  const packed = deflateRawSync(bytes);
  const file = Buffer.from(name);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(0x0800 | (encrypted ? 1 : 0), 2);
  shared.writeUInt16LE(8, 4);
  shared.writeUInt16LE(time, 6);
  shared.writeUInt32LE(crc32(bytes), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(claimedSize ?? bytes.length, 18);
  shared.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([signed(0x04034b50), shared, file, packed]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((mode << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  const version = Buffer.from([20, 3]);
  const header = Buffer.concat([signed(0x02014b50), version, shared, rest, file]);
  return { local, header };
}

function signed(signature: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature, 0);
  return bytes;
}
