/**
 * A pick-up in the browser: all or nothing, counted once (`vault/sdk/shares/pickup.py` is the same on a command line).
 *
 * What opens a link is here; what fetches its documents is `collecting.ts`.
 */
import { Server, ServerError } from "../api/server.ts";
import { type Bytes, isHex } from "../crypto/bytes.ts";
import { places } from "../crypto/documents/names.ts";
import { Refusal, refuse } from "../crypto/refusal.ts";
import { type Cover, checkEntries, openCover, openEntry } from "../crypto/shares/covers.ts";
import { NO_PASSPHRASE, authorization, derive, possession } from "../crypto/shares/link_keys.ts";
import { PartMissing, later } from "../later.ts";
import { type Folder, type Spool, SpoolFull, openSpool, sweep } from "../spool/spool.ts";
import type { Failure, News, Offer, Offered, Saved } from "./messages.ts";
import type { Opened } from "./opened.ts";
import { RESUME } from "./pickup_hour.ts";

const NAME = "name";
const collecting = later(() => import("./collecting.ts"));

export class Pickup {
  private readonly tell: (news: News) => void;
  private readonly share: string;
  private readonly secret: Bytes;
  private readonly base: string;
  private stopping = new AbortController();
  private spool: Spool | null = null;
  private opened: Opened | null = null;
  private files: readonly Saved[] = [];

  constructor(base: string, share: string, secret: Bytes, tell: (news: News) => void) {
    this.base = base;
    this.share = share;
    this.secret = secret;
    this.tell = tell;
  }

  /** Looks how the link opens, and opens it where nothing more is needed. Uses no pick-up. */
  async look(): Promise<void> {
    this.spool ??= await openSpool();
    await sweep(this.spool, Date.now(), RESUME);
    const keys = await derive(this.secret);
    const mode = await this.server().mode(this.share, possession(keys), await this.known());
    if (mode === "plain") await this.unlock(NO_PASSPHRASE);
    else this.tell({ is: "locked" });
  }

  /** Opens cover and entries. */
  async unlock(stretched: Bytes): Promise<void> {
    const keys = await derive(this.secret, stretched), known = await this.known();
    const answer = await this.server().cover(this.share, authorization(keys), known);
    const cover = openCover(keys.cover, this.share, answer.cover);
    const entries = new Map(answer.entries.map(({ document, entry }) => [document, openEntry(keys.cover, this.share, document, entry)]));
    checkEntries(cover, entries);
    const there = cover.documents.flatMap(({ document }) => {
      const entry = entries.get(document);
      return entry === undefined ? [] : [{ document, ...entry }];
    });
    const paths = places(there);
    const files = there.map(({ document, size }, at) => ({ document, path: paths[at] ?? "document", size }));
    this.opened = { keys, cover, entries, files };
    this.tell({ is: "offer", offer: offerOf(cover, files, answer.left, known !== null, this.spool?.kind === "memory") });
    collecting().catch(() => undefined); // asked for again by the button
  }

  /** Fetches every document; nothing is offered before all of them verify. */
  async fetch(): Promise<void> {
    const opened = this.opened ?? refuse("nothing was opened", "failed");
    this.stopping = new AbortController();
    const { collect } = await collecting();
    const folder = await this.folder();
    await this.checkRoom(opened.files.reduce((sum, { size }) => sum + size, 0));
    const { share, tell, stopping } = this;
    const ground = { share, tell, folder, server: this.server(), stopped: stopping.signal, known: await this.known() };
    const { files, missing } = await collect(ground, opened);
    this.files = files;
    tell({ is: "ready", files, missing });
  }

  stop(): void {
    this.stopping.abort();
  }

  /** All files in one, for saving. */
  async zip(): Promise<void> {
    const { pack } = await collecting();
    this.tell({ is: "zipped", file: await pack(await this.folder(), this.files) });
  }

  /** Leaves nothing of this share in the browser. */
  async forget(): Promise<void> {
    this.files = [];
    await this.spool?.remove(this.share);
    this.tell({ is: "forgotten" });
  }

  /** What an error means for a receiver. `begun`: whether the link had opened in this page. */
  failure(error: unknown): { why: Failure; wait: number } {
    if (error instanceof ServerError) {
      const gone: Failure = this.opened === null ? "gone" : "withdrawn";
      const why: Record<ServerError["trouble"], Failure> = {
        link_unavailable: gone, passphrase_wrong: "wrong_words", too_many: "too_many", restored: "repairing", unreachable: "unreachable", answer_invalid: "answer_invalid",
      };
      return { why: why[error.trouble], wait: error.wait };
    }
    if (error instanceof PartMissing) return { why: "unreachable", wait: 0 };
    if (error instanceof SpoolFull) return { why: "full", wait: 0 };
    // A file is open elsewhere, in a worker that is not ended yet.
    if (error instanceof DOMException && error.name === "NoModificationAllowedError") return { why: "busy", wait: 0 };
    return { why: error instanceof Refusal && error.word !== "failed" ? "damaged" : "failed", wait: 0 };
  }

  /** Removes what a damaged or withdrawn pick-up left; the name stays, so that going on counts no second time. */
  async clear(keepName: boolean): Promise<void> {
    const name = keepName ? await this.known() : null;
    await this.spool?.remove(this.share);
    if (name !== null) await (await this.folder()).setNote(NAME, name);
  }

  /** Says that the storage is full before the pick-up counts, not at its last byte. */
  private async checkRoom(needed: number): Promise<void> {
    const room = await this.spool?.room();
    if (room != null && room < needed) throw new SpoolFull("less room than is needed");
  }

  private server(): Server {
    return new Server(this.base, this.stopping.signal, () => this.tell({ is: "alive" }));
  }

  private async folder(): Promise<Folder> {
    const spool = this.spool ?? (await openSpool());
    this.spool = spool;
    return spool.folder(this.share);
  }

  /** The name of a pick-up under way in this browser. */
  private async known(): Promise<string | null> {
    if (!(await this.spool?.list())?.some(({ share }) => share === this.share)) return null;
    const name = await (await this.folder()).note(NAME);
    return isHex(name, 16) ? name : null;
  }
}

const offerOf = (cover: Cover, files: readonly Offered[], left: number, begun: boolean, fleeting: boolean): Offer => ({
  sender: cover.sender,
  practice: cover.name,
  note: cover.note,
  root: cover.root,
  expiresAt: cover.expiresAt,
  files,
  missing: cover.documents.length - files.length,
  left,
  begun,
  fleeting,
});
