/** The spool in memory, where a browser gives no storage at all: for what fits, and gone with the page. */
import type { Bytes } from "../crypto/bytes.ts";
import { type Folder, type Sink, type Spool, SpoolFull } from "./spool.ts";

export const LARGEST = 256 * 1024 * 1024;

export function openMemory(): Spool {
  const folders = new Map<string, { notes: Map<string, string>; sinks: Map<string, MemorySink>; touched: number }>();
  const held = (): number => [...folders.values()].flatMap(({ sinks }) => [...sinks.values()]).reduce((sum, { size }) => sum + size, 0);
  return {
    kind: "memory",
    async folder(share): Promise<Folder> {
      const { notes, sinks } = folders.get(share) ?? { notes: new Map<string, string>(), sinks: new Map<string, MemorySink>() };
      folders.set(share, { notes, sinks, touched: Date.now() });
      return {
        note: async (name) => notes.get(name) ?? null,
        async setNote(name, text) {
          notes.set(name, text);
        },
        async sink(name) {
          const sink = sinks.get(name) ?? new MemorySink((more) => held() + more <= LARGEST);
          sinks.set(name, sink);
          return sink;
        },
        has: async (name) => sinks.has(name),
        async drop(name) {
          notes.delete(name);
          sinks.delete(name);
        },
      };
    },
    list: async () => [...folders].map(([share, { touched }]) => ({ share, touched })),
    async remove(share) {
      folders.delete(share);
    },
    room: async () => LARGEST,
  };
}

class MemorySink implements Sink {
  size = 0;
  private pieces: Bytes[] = [];
  private readonly fits: (more: number) => boolean;

  constructor(fits: (more: number) => boolean) {
    this.fits = fits;
  }

  async write(bytes: Bytes): Promise<void> {
    if (!this.fits(bytes.length)) throw new SpoolFull("more than a page may hold in memory");
    this.pieces.push(bytes.slice());
    this.size += bytes.length;
  }

  async truncate(size: number): Promise<void> {
    let room = size;
    this.pieces = this.pieces.flatMap((piece) => {
      const kept = piece.subarray(0, Math.max(0, room));
      room -= kept.length;
      return kept.length > 0 ? [kept] : [];
    });
    this.size = size;
  }

  async read(at: number, into: Bytes): Promise<number> {
    let filled = 0, place = 0;
    for (const piece of this.pieces) {
      const from = at + filled - place;
      if (from < piece.length && filled < into.length) {
        const part = piece.subarray(from, from + into.length - filled);
        into.set(part, filled);
        filled += part.length;
      }
      place += piece.length;
    }
    return filled;
  }

  async flush(): Promise<void> {
    // There is nothing to survive in.
  }

  async file(): Promise<Blob> {
    return new Blob(this.pieces);
  }

  async close(): Promise<void> {
    // Stays, for the page.
  }
}
