/** The gateway, as a link's holder asks it (`/api/v1/pickup`). Answers are read strictly; refusals are told by code. */
import type { Bytes } from "../crypto/bytes.ts";
import { type Fields, parseObject } from "../crypto/records/encoding.ts";
import * as read from "../crypto/records/read.ts";
import type { CoverMode, OpenedCover } from "./schema.ts";

/** Why an exchange did not end as it should. */
export type Trouble = "link_unavailable" | "passphrase_wrong" | "too_many" | "restored" | "unreachable" | "answer_invalid";

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

const LARGEST_ANSWER = 128 * 1024 * 1024;
export const MAX_DOCUMENTS = 500;
/** So long without a byte, and a connection counts as cut. */
const SILENCE = 30_000;
/** While one is open, so often its waiting is told. */
const PULSE = 5_000;

export class Server {
  private readonly base: string;
  private readonly stopped: AbortSignal;
  private readonly alive: () => void;

  /** `base`: what stands before `/s/` in the link; `stopped` ends every exchange; `alive` hears while one is open. */
  constructor(base: string, stopped: AbortSignal, alive: () => void) {
    this.base = base;
    this.stopped = stopped;
    this.alive = alive;
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

  private look(share: string, authorization: string, name: string | null): Promise<Fields> {
    return this.ask(`/pickup/${share}/cover`, "POST", authorization, name === null ? {} : { name });
  }

  /** The JSON of an answer. */
  ask(path: string, method: string, authorization: string, body: object | null = null): Promise<Fields> {
    return this.exchange({ path, method, authorization, body }, async (response) => {
      const bytes = new Uint8Array(await response.arrayBuffer());
      return valid(() => parseObject(bytes, LARGEST_ANSWER));
    });
  }

  /** What `take` makes of the answer; `heard` says that something came, for an exchange that says nothing is ended. */
  async exchange<T>(asked: Asked, take: (response: Response, heard: () => void) => Promise<T>): Promise<T> {
    const silence = new Silence(this.stopped), pulse = setInterval(this.alive, PULSE);
    try {
      return await take(await this.send(asked, silence), () => silence.heard());
    } catch (error) {
      throw this.told(error);
    } finally {
      silence.end();
      clearInterval(pulse);
    }
  }

  private async send({ path, method, authorization, body = null, range, bySegment }: Asked, silence: Silence): Promise<Response> {
    const headers: Record<string, string> = { Authorization: authorization, Accept: "application/json, application/octet-stream" };
    if (body !== null) headers["Content-Type"] = "application/json";
    if (range !== undefined) headers["Range"] = range;
    if (bySegment === true) headers["Prefer"] = "segment";
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
    // The one refusal of its status that is told by its code.
    if (response.status === 503 && /"code":\s*"restored"/.test(await response.text())) throw new ServerError("restored");
    await response.body?.cancel().catch(() => undefined);
    throw refusal(response);
  }

  /** A failed fetch tells no reason: the network, a proxy, or being stopped. */
  private told(error: unknown): unknown {
    if (error instanceof ServerError || this.stopped.aborted) return error;
    return error instanceof TypeError || error instanceof DOMException ? new ServerError("unreachable") : error;
  }
}

export interface Asked {
  readonly path: string;
  readonly method: string;
  readonly authorization: string;
  readonly body?: object | null;
  readonly range?: string;
  /** Less than the range may come, as far as a proxy carries it (docs/decisions/0037). */
  readonly bySegment?: boolean;
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
export function valid<T>(reader: () => T): T {
  try {
    return reader();
  } catch {
    throw new ServerError("answer_invalid");
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

