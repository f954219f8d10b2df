/**
 * One document: fetched by segments, checked, opened and staged with flat memory, then read again.
 *
 * FORMAT.md, "Documents": key, size and digest of the body, every chunk with the last one, and the digest of the
 * plaintext hold before anything of it is offered. A segment's digest is noted once its plaintext is on the disk, so
 * that a killed tab goes on there.
 */
import type { Bodies } from "../api/released.ts";
import { committedPayloadKey } from "../crypto/age/derive.ts";
import { CHUNK_SIZE, SEALED_SIZE } from "../crypto/age/sizes.ts";
import { OpenStream, opener } from "../crypto/age/stream.ts";
import { type Bytes, fromHex, isHex, sha256, toHex } from "../crypto/bytes.ts";
import { type Document, SEGMENT_SIZE, segmentCount, treeDigest } from "../crypto/records/types/document.ts";
import type { Released } from "../crypto/shares/capsules.ts";
import type { Entry } from "../crypto/shares/covers.ts";
import { refuse } from "../crypto/refusal.ts";
import type { Folder, Sink } from "../spool/spool.ts";
import { again } from "./retry.ts";

/** Bytes that one document after the other works in: garbage by the segment drowns a phone. */
export class Buffers {
  readonly sealed: readonly [Bytes, Bytes] = [new Uint8Array(SEGMENT_SIZE + SEALED_SIZE), new Uint8Array(SEGMENT_SIZE + SEALED_SIZE)];
  readonly plain: Bytes = new Uint8Array(SEGMENT_SIZE + SEALED_SIZE);
}

export interface Source {
  readonly server: Bodies;
  readonly authorization: string;
  /** The path of the bodies of this pick-up. */
  readonly path: string;
  readonly stopped: AbortSignal;
  /** Bytes of the body that are here now, more or less than before; none says that the work goes on. */
  readonly advance: (count: number) => void;
  readonly waiting: () => void;
}

/** The document's verified plaintext. */
export async function bring(source: Source, folder: Folder, { document, fileKey }: Released, entry: Entry, buffers: Buffers): Promise<Blob> {
  const key = await committedPayloadKey(fileKey, document.nonce, document.commitment);
  const sink = await folder.sink(document.id);
  let released = false;
  try {
    const segments = await known(folder, document, sink);
    await fetchRest(source, folder, document, key, sink, segments, buffers);
    if ((await treeDigest(segments)) !== document.digest) refuse("another body than was signed", "document_damaged");
    if (sink.size !== entry.size || (await digestOf(sink, buffers.plain, source.advance)) !== entry.digest) {
      refuse("another content than the link names", "document_damaged");
    }
    released = true;
    return await sink.file();
  } finally {
    if (!released) await sink.close();
  }
}

const progressOf = (document: Document): string => `${document.id}.segments`;

/** The digests of the segments that an earlier run opened; what lies behind them is cut off. */
async function known(folder: Folder, document: Document, sink: Sink): Promise<Bytes[]> {
  const noted = ((await folder.note(progressOf(document))) ?? "").split("\n").filter((line) => line !== "");
  const sound = noted.length <= segmentCount(document.size) && noted.every((line) => isHex(line, 32));
  const segments = sound && sink.size >= plainBefore(document, noted.length) ? noted.map(fromHex) : [];
  await sink.truncate(plainBefore(document, segments.length));
  return segments;
}

/** How many chunks are whole within the first segments. */
const chunksBefore = (document: Document, segments: number): number =>
  segments >= segmentCount(document.size) ? Math.ceil(document.size / SEALED_SIZE) : Math.floor((segments * SEGMENT_SIZE) / SEALED_SIZE);

function plainBefore(document: Document, segments: number): number {
  const chunks = chunksBefore(document, segments);
  return segments >= segmentCount(document.size) ? document.size - 16 * chunks : chunks * CHUNK_SIZE;
}

async function fetchRest(source: Source, folder: Folder, document: Document, key: Bytes, sink: Sink, segments: Bytes[], buffers: Buffers): Promise<void> {
  const count = segmentCount(document.size), first = segments.length;
  source.advance(Math.min(first * SEGMENT_SIZE, document.size));
  if (first === count) return;
  const stream = new OpenStream(await opener(key), document.size, chunksBefore(document, first));
  // The chunk that a segment's end cuts in two is fetched again from its beginning.
  const startOf = (number: number): number => (number === first ? chunksBefore(document, first) * SEALED_SIZE : number * SEGMENT_SIZE);
  const get = (number: number): Promise<Bytes> => {
    const start = startOf(number), end = Math.min((number + 1) * SEGMENT_SIZE, document.size);
    const into = buffers.sealed[number % 2 === 0 ? 0 : 1];
    return fetchOne(source, document, [start, end, number * SEGMENT_SIZE], into);
  };
  let coming = get(first);
  for (let number = first; number < count; number += 1) {
    const sealed = await coming;
    if (number + 1 < count) {
      coming = get(number + 1);
      coming.catch(() => undefined); // its failure is met when it is awaited
    }
    segments.push(await sha256(sealed.subarray(number * SEGMENT_SIZE - startOf(number))));
    const opened = await stream.update(sealed, buffers.plain);
    await sink.write(buffers.plain.subarray(0, opened));
    await sink.flush();
    await folder.setNote(progressOf(document), segments.map(toHex).join("\n"));
  }
  if (!stream.ended) refuse("no last chunk", "document_damaged");
}

/** One range, again from its beginning after each cut; what came is counted once. `from`: where counting begins. */
async function fetchOne(source: Source, document: Document, [start, end, from]: [number, number, number], into: Bytes): Promise<Bytes> {
  let carried = start === from;
  await again(
    async () => {
      let counted = 0;
      const bySegment = carried;
      carried = false; // who carries segments may be what fails
      try {
        await source.server.range(`${source.path}/${document.id}/body`, source.authorization, [start, end, document.size], into, (count) => {
          const before = Math.max(0, counted - (from - start));
          counted += count;
          source.advance(Math.max(0, counted - (from - start)) - before);
        }, bySegment);
      } catch (error) {
        source.advance(-Math.max(0, counted - (from - start)));
        throw error;
      }
    },
    source.stopped,
    source.waiting,
  );
  return into.subarray(0, end - start);
}

/** The tree digest of what is staged, read again: a verified body is not yet a verified file. */
async function digestOf(sink: Sink, buffer: Bytes, alive: (count: number) => void): Promise<string> {
  const pieces: Bytes[] = [];
  for (let at = 0; at < sink.size; at += SEGMENT_SIZE) {
    const part = buffer.subarray(0, Math.min(SEGMENT_SIZE, sink.size - at));
    if ((await sink.read(at, part)) !== part.length) refuse("the storage gave back less", "document_damaged");
    pieces.push(await sha256(part));
    alive(0);
  }
  return treeDigest(pieces);
}
