/** The gateway, as a link's holder asks it (`/api/v1/pickup`). Answers are read strictly; refusals are told by code. */
import type { Bytes } from "../crypto/bytes.ts";
import { type Fields, parseObject } from "../crypto/records/encoding.ts";
import * as read from "../crypto/records/read.ts";
import type { CoverMode, OpenedCover, Released } from "./schema.ts";

/** Why an exchange did not end as it should. */
export type Trouble = "link_unavailable" | "passphrase_wrong" | "too_many" | "unreachable" | "answer_invalid";

export class ServerError extends Error {
  readonly trouble: Trouble;
  /** Seconds to wait, where the server says so. */
  readonly wait: number;

  constructor(trouble: Trouble, wait = 0) {
    super(trouble);
    this.trouble = trouble;
    this.wait = wait;
  }
}

const LARGEST_ANSWER = 128 * 1024 * 1024, MAX_DOCUMENTS = 500;
/** So long without a byte, and a connection counts as cut. */
const SILENCE = 30_000;

export class Server {
  private readonly base: string;
  private readonly stopped: AbortSignal;

  /** `base`: what stands before `/s/` in the link; `stopped` ends every exchange. */
  constructor(base: string, stopped: AbortSignal) {
    this.base = base;
    this.stopped = stopped;
  }

  /** How the link opens. */
  async mode(share: string, possession: string, name: string | null): Promise<CoverMode["mode"]> {
    return modeOf(await this.look(share, possession, name));
  }

  /** Cover and entries, still sealed. Uses no pick-up. */
  async cover(share: string, authorization: string, name: string | null): Promise<Opened> {
    const answer = await this.look(share, authorization, name);
    return valid(() => ({
      mode: modeOf(answer),
      cover: read.octets(answer, "cover"),
      entries: read.objects(answer, "entries", MAX_DOCUMENTS).map((each) => ({
        document: read.identifier(each, "document"),
        entry: read.octets(each, "entry"),
      })),
      left: read.integer(answer, "left"),
    }));
  }

  /** The capsules by document, still sealed: the act that counts, once for each name. */
  async release(share: string, name: string, authorization: string): Promise<Map<string, Bytes>> {
    const answer = await this.ask(`/pickup/${share}/${name}`, "PUT", authorization);
    return valid(() => {
      const capsules: keyof Released = "capsules";
      const found = read.objects(answer, capsules, MAX_DOCUMENTS);
      return new Map(found.map((each) => [read.identifier(each, "document"), read.octets(each, "capsule")]));
    });
  }

  /** Bytes `start` to `end` (not included) of a body of `size`, into the start of `into`; `arrived` hears of each piece. */
  async range(path: string, authorization: string, [start, end, size]: [number, number, number], into: Bytes, arrived: (count: number) => void): Promise<void> {
    const silence = new Silence(this.stopped);
    try {
      const response = await this.send(path, "GET", authorization, silence, null, `bytes=${start}-${end - 1}`);
      const expected = `bytes ${start}-${end - 1}/${size}`;
      if (response.status !== 206 || response.headers.get("content-range") !== expected) throw new ServerError("answer_invalid");
      let at = 0;
      for await (const piece of pieces(response)) {
        silence.heard();
        if (at + piece.length > end - start) throw new ServerError("answer_invalid");
        into.set(piece, at);
        at += piece.length;
        arrived(piece.length);
      }
      if (at < end - start) throw new ServerError("unreachable"); // an answer that ends early is a connection cut
    } catch (error) {
      throw this.told(error);
    } finally {
      silence.end();
    }
  }

  private look(share: string, authorization: string, name: string | null): Promise<Fields> {
    return this.ask(`/pickup/${share}/cover`, "POST", authorization, name === null ? {} : { name });
  }

  private async ask(path: string, method: string, authorization: string, body: object | null = null): Promise<Fields> {
    const silence = new Silence(this.stopped);
    try {
      const response = await this.send(path, method, authorization, silence, body);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return valid(() => parseObject(bytes, LARGEST_ANSWER));
    } catch (error) {
      throw this.told(error);
    } finally {
      silence.end();
    }
  }

  private async send(path: string, method: string, authorization: string, silence: Silence, body: object | null, range?: string): Promise<Response> {
    const headers: Record<string, string> = { Authorization: authorization, Accept: "application/json, application/octet-stream" };
    if (body !== null) headers["Content-Type"] = "application/json";
    if (range !== undefined) headers["Range"] = range;
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers,
      body: body === null ? null : JSON.stringify(body),
      signal: silence.signal,
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      cache: "no-store",
    });
    silence.heard();
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    throw refusal(response);
  }

  /** A failed fetch tells no reason: the network, a proxy, or being stopped. */
  private told(error: unknown): unknown {
    if (error instanceof ServerError || this.stopped.aborted) return error;
    return error instanceof TypeError || error instanceof DOMException ? new ServerError("unreachable") : error;
  }
}

export interface Opened extends Pick<OpenedCover, "mode" | "left"> {
  readonly cover: Bytes;
  readonly entries: readonly { readonly document: string; readonly entry: Bytes }[];
}

function refusal(response: Response): ServerError {
  const wait = Number(response.headers.get("retry-after") ?? "") || 0;
  if (response.status === 404) return new ServerError("link_unavailable");
  if (response.status === 403) return new ServerError("passphrase_wrong");
  if (response.status === 429) return new ServerError("too_many", wait || 60);
  return response.status >= 500 || response.status === 408 ? new ServerError("unreachable", wait) : new ServerError("answer_invalid");
}

const MODES = ["plain", "passphrase", "locator"] as const satisfies readonly CoverMode["mode"][];
const modeOf = (answer: Fields): CoverMode["mode"] => valid(() => read.oneOf(answer, "mode", MODES));

/** What a server answers is its word; an answer that cannot be read is no refusal of a record. */
function valid<T>(reader: () => T): T {
  try {
    return reader();
  } catch {
    throw new ServerError("answer_invalid");
  }
}

const PIECE = 256 * 1024;

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

/** Ends an exchange that says nothing for too long, or that is stopped. */
class Silence {
  private readonly controller = new AbortController();
  private readonly stopped: AbortSignal;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly stop = (): void => this.controller.abort();

  constructor(stopped: AbortSignal) {
    this.stopped = stopped;
    if (stopped.aborted) this.controller.abort();
    stopped.addEventListener("abort", this.stop);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  heard(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.stop, SILENCE);
  }

  end(): void {
    clearTimeout(this.timer);
    this.stopped.removeEventListener("abort", this.stop);
  }
}

