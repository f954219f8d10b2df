/**
 * A pick-up in the browser: all or nothing, counted once (`vault/sdk/shares/pickup.py` is the same on a command line).
 *
 * Its name is written down before it is used, so that a reload or a killed tab goes on as the same pick-up.
 */
import { Server, ServerError } from "../api/server.ts";
import { type Bytes, isHex, toHex } from "../crypto/bytes.ts";
import { places } from "../crypto/documents/names.ts";
import { Refusal, refuse } from "../crypto/refusal.ts";
import { type Cover, type Entry, type Released, checkCapsule, checkEntries, openCapsule, openCover, openEntry } from "../crypto/shares/capsules.ts";
import { type LinkKeys, NO_PASSPHRASE, authorization, derive, possession } from "../crypto/shares/link_keys.ts";
import { type Folder, type Spool, SpoolFull, openSpool, sweep } from "../spool/spool.ts";
import { Buffers, bring } from "./bring.ts";
import type { Failure, News, Offer, Offered, Saved } from "./messages.ts";
import { RESUME } from "./pickup_hour.ts";
import { again } from "./retry.ts";

const NAME = "name";

interface Opened {
  readonly keys: LinkKeys;
  readonly cover: Cover;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly files: readonly Offered[];
}

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
    this.tell({ is: "offer", offer: offerOf(cover, files, answer.left, known !== null) });
  }

  /** Fetches every document; nothing is offered before all of them verify. */
  async fetch(): Promise<void> {
    const opened = this.opened ?? refuse("nothing was opened", "failed");
    this.stopping = new AbortController();
    const folder = await this.folder();
    await this.checkRoom(opened.files.reduce((sum, { size }) => sum + size, 0));
    const { name, released } = await this.release(folder, opened);
    const total = released.reduce((sum, { document }) => sum + document.size, 0);
    let done = 0;
    const advance = (count: number): void => this.tell({ is: "progress", done: (done += count), total });
    advance(0);
    const source = {
      server: this.server(),
      authorization: authorization(opened.keys),
      path: `/pickup/${this.share}/${name}`,
      stopped: this.stopping.signal,
      advance,
      waiting: () => this.tell({ is: "waiting" }),
    };
    const buffers = new Buffers(), files: Saved[] = [];
    for (const one of released) {
      const { id } = one.document, offered = opened.files.find(({ document }) => document === id);
      const entry = opened.entries.get(id) ?? refuse("no entry", "link_content_invalid");
      const file = await bring(source, folder, one, entry, buffers);
      files.push({ path: offered?.path ?? "document", size: entry.size, file });
    }
    this.files = files;
    this.tell({ is: "ready", files, missing: opened.cover.documents.length - released.length });
  }

  stop(): void {
    this.stopping.abort();
  }

  /** All files in one, for saving. */
  async zip(): Promise<void> {
    const { makeZip } = await import("client-zip");
    const folder = await this.folder();
    await folder.drop("zip");
    const sink = await folder.sink("zip");
    try {
      const stream = makeZip(this.files.map(({ path, file }) => ({ name: path, input: file, size: file.size, lastModified: new Date() })));
      for (const reader = stream.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        await sink.write(value as Bytes);
      }
    } catch (error) {
      await sink.close();
      await folder.drop("zip");
      throw error;
    }
    this.tell({ is: "zipped", file: await sink.file() });
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
        link_unavailable: gone, passphrase_wrong: "wrong_words", too_many: "too_many", unreachable: "unreachable", answer_invalid: "answer_invalid",
      };
      return { why: why[error.trouble], wait: error.wait };
    }
    if (error instanceof SpoolFull) return { why: "full", wait: 0 };
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
    if (this.spool?.kind === "memory" || !("estimate" in navigator.storage)) return;
    const { quota } = await navigator.storage.estimate();
    if (quota !== undefined && quota < needed) throw new SpoolFull("less room than is needed");
  }

  private server(): Server {
    return new Server(this.base, this.stopping.signal);
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

  private async release(folder: Folder, opened: Opened): Promise<{ name: string; released: Released[] }> {
    const known = await this.known();
    if (known !== null) {
      try {
        return { name: known, released: await this.capsules(opened, known) };
      } catch (error) {
        // An old name can no longer go on, but the link may have another pick-up left.
        if (!(error instanceof ServerError) || error.trouble !== "link_unavailable") throw error;
      }
    }
    const name = toHex(crypto.getRandomValues(new Uint8Array(16)));
    await folder.setNote(NAME, name);
    return { name, released: await this.capsules(opened, name) };
  }

  private async capsules({ keys, cover, entries }: Opened, name: string): Promise<Released[]> {
    const waiting = (): void => this.tell({ is: "waiting" });
    const sealed = await again(() => this.server().release(this.share, name, authorization(keys)), this.stopping.signal, waiting);
    const rows = cover.documents.filter(({ document }) => entries.has(document));
    return Promise.all(
      rows.map((row) => {
        const capsule = sealed.get(row.document) ?? refuse("less than the link gives", "link_content_invalid");
        return checkCapsule(row, openCapsule(keys.capsule, this.share, row.document, capsule));
      }),
    );
  }
}

const offerOf = (cover: Cover, files: readonly Offered[], left: number, begun: boolean): Offer => ({
  sender: cover.sender,
  practice: cover.name,
  note: cover.note,
  root: cover.root,
  expiresAt: cover.expiresAt,
  files,
  missing: cover.documents.length - files.length,
  left,
  begun,
});
