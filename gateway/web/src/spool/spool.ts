/**
 * Where a pick-up's files are kept until they are saved: the first kind of storage that proves to work.
 *
 * A spool holds, for each share, its notes (small, whole or absent) and its files (written in order, read anywhere).
 */
import type { Bytes } from "../crypto/bytes.ts";
import { later } from "../later.ts";
import { openDisk } from "./disk.ts";

/** One file: bytes are appended in order. Where the storage is full, `write` throws SpoolFull. */
export interface Sink {
  readonly size: number;
  write(bytes: Bytes): Promise<void>;
  /** Keeps the first bytes only. */
  truncate(size: number): Promise<void>;
  /** Fills `into` from that place on; returns how many bytes there were. */
  read(at: number, into: Bytes): Promise<number>;
  /** Everything written survives a killed tab from here on, where the storage can promise that. */
  flush(): Promise<void>;
  /** The whole file, for saving; the sink is closed by it. */
  file(): Promise<Blob>;
  close(): Promise<void>;
}

/** The folder of one share. */
export interface Folder {
  note(name: string): Promise<string | null>;
  setNote(name: string, text: string): Promise<void>;
  sink(name: string): Promise<Sink>;
  /** Whether a file of that name was begun. */
  has(name: string): Promise<boolean>;
  drop(name: string): Promise<void>;
}

export interface Spool {
  readonly kind: "disk" | "database" | "memory";
  folder(share: string): Promise<Folder>;
  /** Every share's folder, and when it was last written to (milliseconds since 1970). */
  list(): Promise<{ share: string; touched: number }[]>;
  remove(share: string): Promise<void>;
  /** How many bytes it may hold in all; null where nobody knows. */
  room(): Promise<number | null>;
}

export class SpoolFull extends Error {}

const others = later(() => import("./others.ts"));

/** Detected by trying: what a browser says of its storage, and what works in a private window, are two things. */
export async function openSpool(): Promise<Spool> {
  const disk = await proven(openDisk);
  if (disk !== null) return disk;
  // Fetched outside of any attempt: a connection lost here must not count as a storage that does not work.
  const { openDatabase, openMemory } = await others();
  return (await proven(openDatabase)) ?? openMemory();
}

async function proven(open: () => Promise<Spool>): Promise<Spool | null> {
  try {
    const spool = await open();
    await prove(spool);
    return spool;
  } catch {
    return null;
  }
}

/** What the browser grants to this address. */
export async function granted(): Promise<number | null> {
  if (!("storage" in navigator) || !("estimate" in navigator.storage)) return null;
  return (await navigator.storage.estimate()).quota ?? null;
}

const TRIAL = "trial";

async function prove(spool: Spool): Promise<void> {
  const folder = await spool.folder(TRIAL), sink = await folder.sink(TRIAL);
  await sink.write(Uint8Array.of(1, 2, 3));
  await sink.flush();
  const into = new Uint8Array(3), count = await sink.read(0, into);
  await sink.close();
  await spool.remove(TRIAL);
  if (count !== 3 || into.join() !== "1,2,3") throw new Error("the storage does not give back what it took");
}

/** Removes what was not written to for so long; the share at hand, too, so that nothing old is taken for new. */
export async function sweep(spool: Spool, now: number, longest: number): Promise<void> {
  for (const { share, touched } of await spool.list()) {
    if (now - touched > longest || touched - now > longest) await spool.remove(share);
  }
}

/** A storage's own word for "full", as SpoolFull. */
export function fullOr(error: unknown): Error {
  if (error instanceof DOMException && error.name === "QuotaExceededError") return new SpoolFull("no room left");
  return error instanceof Error ? error : new Error("the storage failed");
}
