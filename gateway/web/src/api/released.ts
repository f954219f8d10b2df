/** What the gateway gives once a pick-up counts: capsules, and bodies by range. */
import type { Bytes } from "../crypto/bytes.ts";
import * as read from "../crypto/records/read.ts";
import type { Released } from "./schema.ts";
import { MAX_DOCUMENTS, type Server, ServerError, valid } from "./server.ts";

const PIECE = 256 * 1024;

/** The capsules by document, still sealed: the act that counts, once for each name. */
export async function release(server: Server, share: string, name: string, authorization: string): Promise<Map<string, Bytes>> {
  const answer = await server.ask(`/pickup/${share}/${name}`, "PUT", authorization);
  return valid(() => {
    const capsules: keyof Released = "capsules";
    const found = read.objects(answer, capsules, MAX_DOCUMENTS);
    return new Map(found.map((each) => [read.identifier(each, "document"), read.octets(each, "capsule")]));
  });
}

/** Bodies by range. */
export class Bodies {
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  /**
   * Bytes `start` to `end` (not included) of a body of `size`, into the start of `into`; `arrived` hears of each piece.
   *
   * `bySegment`: they are within one segment, so that a proxy may carry it.
   */
  range(path: string, authorization: string, [start, end, size]: [number, number, number], into: Bytes, arrived: (count: number) => void, bySegment = false): Promise<void> {
    const range = `bytes=${start}-${end - 1}`, expected = `bytes ${start}-${end - 1}/${size}`;
    return this.server.exchange({ path, method: "GET", authorization, range, bySegment }, async (response, heard) => {
      if (response.status !== 206 || response.headers.get("content-range") !== expected) throw new ServerError("answer_invalid");
      let at = 0;
      for await (const piece of pieces(response)) {
        heard();
        if (at + piece.length > end - start) throw new ServerError("answer_invalid");
        into.set(piece, at);
        at += piece.length;
        arrived(piece.length);
      }
      if (at < end - start) throw new ServerError("unreachable"); // an answer that ends early is a connection cut
    });
  }
}

/** An answer piece by piece; each piece is read before the next one comes, into the same memory where the engine can. */
async function* pieces(response: Response): AsyncGenerator<Uint8Array> {
  const { body } = response;
  if (body === null) return;
  const reader = byteReader(body);
  if (reader === null) {
    for await (const piece of wholePieces(body)) yield piece;
    return;
  }
  for (let memory = new ArrayBuffer(PIECE); ; ) {
    const { done, value } = await reader.read(new Uint8Array(memory));
    if (done || value === undefined) return;
    yield value;
    memory = value.buffer;
  }
}

function byteReader(body: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return null;
  }
}

async function* wholePieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
