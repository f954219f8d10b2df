/**
 * The part of a pick-up that begins with the button; it is fetched while the offer is read.
 *
 * A pick-up's name is written down before it is used, so that a reload or a killed tab goes on as the same pick-up.
 */
import { makeZip } from "client-zip";
import { Bodies, release } from "../api/released.ts";
import { type Server, ServerError } from "../api/server.ts";
import { type Bytes, toHex } from "../crypto/bytes.ts";
import { refuse } from "../crypto/refusal.ts";
import { type Released, checkCapsule, openCapsule } from "../crypto/shares/capsules.ts";
import { authorization } from "../crypto/shares/link_keys.ts";
import type { Folder } from "../spool/spool.ts";
import { Buffers, bring } from "./bring.ts";
import type { News, Saved } from "./messages.ts";
import type { Opened } from "./opened.ts";
import { again } from "./retry.ts";

const NAME = "name";
/** Milliseconds between two words about progress. */
const OFTEN = 100;

export interface Ground {
  readonly share: string;
  readonly server: Server;
  readonly folder: Folder;
  readonly stopped: AbortSignal;
  readonly tell: (news: News) => void;
  /** The name of a pick-up under way in this browser. */
  readonly known: string | null;
}

/** Every document, whole and verified; nothing is offered before all of them are. */
export async function collect(ground: Ground, opened: Opened): Promise<{ files: Saved[]; missing: number }> {
  const { share, server, folder, stopped, tell } = ground;
  const { name, released } = await named(ground, opened);
  const total = released.reduce((sum, { document }) => sum + document.size, 0);
  const progress = new Progress(total, tell);
  const source = {
    server: new Bodies(server),
    authorization: authorization(opened.keys),
    path: `/pickup/${share}/${name}`,
    stopped,
    advance: (count: number) => progress.advance(count),
    waiting: () => {
      progress.tell();
      tell({ is: "waiting" });
    },
  };
  const buffers = new Buffers(), files: Saved[] = [];
  for (const one of released) {
    const { id } = one.document, offered = opened.files.find(({ document }) => document === id);
    const entry = opened.entries.get(id) ?? refuse("no entry", "link_content_invalid");
    const file = await bring(source, folder, one, entry, buffers);
    files.push({ path: offered?.path ?? "document", size: entry.size, file });
  }
  progress.tell();
  return { files, missing: opened.cover.documents.length - released.length };
}

/** Says how much is here: at once at first, then not more often than eyes follow. */
class Progress {
  private done = 0;
  private due: ReturnType<typeof setTimeout> | undefined;
  private readonly total: number;
  private readonly say: (news: News) => void;

  constructor(total: number, say: (news: News) => void) {
    this.total = total;
    this.say = say;
    this.tell();
  }

  advance(count: number): void {
    this.done += count;
    this.due ??= setTimeout(() => this.tell(), OFTEN);
  }

  tell(): void {
    clearTimeout(this.due);
    this.due = undefined;
    this.say({ is: "progress", done: this.done, total: this.total });
  }
}

async function named(ground: Ground, opened: Opened): Promise<{ name: string; released: Released[] }> {
  const { known, folder } = ground;
  if (known !== null) {
    try {
      return { name: known, released: await capsules(ground, opened, known) };
    } catch (error) {
      // An old name can no longer go on, but the link may have another pick-up left.
      if (!(error instanceof ServerError) || error.trouble !== "link_unavailable") throw error;
    }
  }
  const name = toHex(crypto.getRandomValues(new Uint8Array(16)));
  await folder.setNote(NAME, name);
  return { name, released: await capsules(ground, opened, name) };
}

async function capsules({ share, server, stopped, tell }: Ground, { keys, cover, entries }: Opened, name: string): Promise<Released[]> {
  const sealed = await again(() => release(server, share, name, authorization(keys)), stopped, () => tell({ is: "waiting" }));
  const rows = cover.documents.filter(({ document }) => entries.has(document));
  return Promise.all(
    rows.map((row) => {
      const capsule = sealed.get(row.document) ?? refuse("less than the link gives", "link_content_invalid");
      return checkCapsule(row, openCapsule(keys.capsule, share, row.document, capsule));
    }),
  );
}

/** All files in one, for saving. */
export async function pack(folder: Folder, files: readonly Saved[]): Promise<Blob> {
  await folder.drop("zip");
  const sink = await folder.sink("zip");
  try {
    const stream = makeZip(files.map(({ path, file }) => ({ name: path, input: file, size: file.size, lastModified: new Date() })));
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
  return sink.file();
}
