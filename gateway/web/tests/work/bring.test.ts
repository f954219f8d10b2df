import { describe, expect, test } from "vitest";
import type { Bodies } from "../../src/api/released.ts";
import { ServerError } from "../../src/api/server.ts";
import { commitment, payloadKey } from "../../src/crypto/age/derive.ts";
import { bodySize } from "../../src/crypto/age/sizes.ts";
import { seal } from "../../src/crypto/age/stream.ts";
import { type Bytes, sha256 } from "../../src/crypto/bytes.ts";
import { type Document, SEGMENT_SIZE, treeDigest } from "../../src/crypto/records/types/document.ts";
import { openMemory } from "../../src/spool/memory.ts";
import type { Folder } from "../../src/spool/spool.ts";
import { Buffers, type Source, bring } from "../../src/work/bring.ts";
import { outcome } from "../crypto/vectors.ts";

const FILE_KEY = new Uint8Array(16).fill(1), NONCE = new Uint8Array(16).fill(2);
const plainOf = (size: number): Bytes => Uint8Array.from({ length: size }, (_, at) => (at * 7) % 251);

async function digestOf(bytes: Bytes): Promise<string> {
  const segments: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += SEGMENT_SIZE) segments.push(await sha256(bytes.subarray(at, at + SEGMENT_SIZE)));
  return treeDigest(segments);
}

async function made(size: number) {
  const plain = plainOf(size), body = seal(await payloadKey(FILE_KEY, NONCE), plain);
  const document: Document = {
    dossier: "0".repeat(32), id: "1".repeat(32), nonce: NONCE, commitment: await commitment(FILE_KEY), size: body.length, digest: await digestOf(body),
  };
  const entry = { name: "a", folder: "", type: "b", size, digest: await digestOf(plain) };
  return { plain, body, document, entry };
}

/** A server of one body; `meet` may change or refuse what a range gets. */
function source(body: Bytes, meet: (start: number) => Bytes | null = () => null) {
  const asked: number[] = [], carried: number[] = [];
  let here = 0;
  const server = {
    async range(_path: string, _authorization: string, [start, end]: [number, number, number], into: Bytes, arrived: (count: number) => void, bySegment: boolean) {
      asked.push(start);
      if (bySegment) carried.push(start);
      const sent = (meet(start) ?? body).subarray(start, end);
      into.set(sent, 0);
      arrived(sent.length);
    },
  } as unknown as Bodies;
  const made: Source = {
    server, authorization: "", path: "", stopped: new AbortController().signal, waiting: () => undefined, advance: (count) => (here += count),
  };
  return { source: made, asked, carried, here: () => here };
}

const folderOf = (): Promise<Folder> => openMemory().folder("s");

describe("a document", () => {
  test.each([0, 1, 65_536, 65_537, SEGMENT_SIZE + 5])("of %i bytes comes whole, and its progress adds up", async (size) => {
    const { plain, body, document, entry } = await made(size), from = source(body);
    const file = await bring(from.source, await folderOf(), { document, fileKey: FILE_KEY }, entry, new Buffers());
    expect(await sha256(new Uint8Array(await file.arrayBuffer()))).toEqual(await sha256(plain));
    expect([from.here(), file.size]).toEqual([bodySize(size), size]);
  });

  test("goes on where a killed tab was, and is fetched no second time", async () => {
    const { plain, body, document, entry } = await made(2 * SEGMENT_SIZE + 1_000), folder = await folderOf();
    const cut = source(body, (start) => {
      if (start >= 2 * SEGMENT_SIZE) throw new ServerError("link_unavailable");
      return null;
    });
    await expect(bring(cut.source, folder, { document, fileKey: FILE_KEY }, entry, new Buffers())).rejects.toThrow("link_unavailable");
    const rest = source(body);
    const file = await bring(rest.source, folder, { document, fileKey: FILE_KEY }, entry, new Buffers());
    expect(await sha256(new Uint8Array(await file.arrayBuffer()))).toEqual(await sha256(plain));
    expect(Math.min(...rest.asked)).toBeGreaterThan(SEGMENT_SIZE);
    expect(rest.here()).toBe(body.length);
    // What begins in the segment before may not be answered by that one alone.
    expect([cut.carried, rest.carried]).toEqual([[0, SEGMENT_SIZE, 2 * SEGMENT_SIZE], []]);
    const again = source(body);
    await bring(again.source, folder, { document, fileKey: FILE_KEY }, entry, new Buffers());
    expect([again.asked, again.here()]).toEqual([[], body.length]);
  });

  test.each([0, SEGMENT_SIZE - 1, SEGMENT_SIZE + 100_000])("with a bit flipped at %i is refused", async (place) => {
    const { body, document, entry } = await made(SEGMENT_SIZE + 300_000);
    const spoilt = body.slice();
    spoilt[place] = (spoilt[place] ?? 0) ^ 1;
    const read = () => bring(source(spoilt).source, folder, { document, fileKey: FILE_KEY }, entry, new Buffers());
    const folder = await folderOf();
    expect(await outcome(read)).toBe("document_damaged");
  });

  test("of another key, digest or content is refused", async () => {
    const { body, document, entry } = await made(100_000), { source: from } = source(body);
    const read = async (changed: Partial<Document>, content: Partial<typeof entry>, fileKey = FILE_KEY) =>
      outcome(async () => bring(from, await folderOf(), { document: { ...document, ...changed }, fileKey }, { ...entry, ...content }, new Buffers()));
    expect(await read({}, {}, new Uint8Array(16).fill(9))).toBe("document_damaged");
    expect(await read({ digest: "0".repeat(64) }, {})).toBe("document_damaged");
    expect(await read({}, { digest: "0".repeat(64) })).toBe("document_damaged");
    expect(await read({}, { size: 99_999 })).toBe("document_damaged");
  });
});
