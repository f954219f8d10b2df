/** The spool in IndexedDB, where there is no private disk storage: pieces of bytes, in order. */
import type { Bytes } from "../crypto/bytes.ts";
import { type Folder, type Sink, type Spool, fullOr, granted } from "./spool.ts";

const NAME = "dossier-pickup", NOTES = "notes", PIECES = "pieces";

interface Piece {
  at: number;
  /** Bytes, not a Blob: WebKit's private windows take none. */
  bytes: ArrayBuffer;
}

export async function openDatabase(): Promise<Spool> {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore(NOTES);
    opening.result.createObjectStore(PIECES);
  };
  const database = await answer(opening);
  return {
    kind: "database",
    folder: async (share) => databaseFolder(database, share),
    async list() {
      const store = database.transaction(NOTES).objectStore(NOTES);
      const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll() as IDBRequest<Note[]>)]);
      const newest = new Map<string, number>();
      keys.forEach((key, place) => {
        const [share = ""] = key as string[];
        newest.set(share, Math.max(newest.get(share) ?? 0, values[place]?.touched ?? 0));
      });
      return [...newest].map(([share, touched]) => ({ share, touched }));
    },
    async remove(share) {
      const work = database.transaction([NOTES, PIECES], "readwrite");
      const all = IDBKeyRange.bound([share], [share, []]);
      work.objectStore(NOTES).delete(all);
      work.objectStore(PIECES).delete(all);
      await finished(work);
    },
    room: granted,
  };
}

interface Note {
  text: string;
  touched: number;
}

function databaseFolder(database: IDBDatabase, share: string): Folder {
  const put = async (store: string, key: IDBValidKey, value: unknown): Promise<void> => {
    const work = database.transaction(store, "readwrite");
    work.objectStore(store).put(value, key);
    await finished(work);
  };
  return {
    async note(name) {
      const found = await answer(database.transaction(NOTES).objectStore(NOTES).get([share, name]) as IDBRequest<Note | undefined>);
      return found?.text ?? null;
    },
    setNote: (name, text) => put(NOTES, [share, name], { text, touched: Date.now() }),
    async sink(name) {
      return DatabaseSink.open(database, share, name);
    },
    async has(name) {
      const all = IDBKeyRange.bound([share, name], [share, name, []]);
      return (await answer(database.transaction(PIECES).objectStore(PIECES).count(all))) > 0;
    },
    async drop(name) {
      const work = database.transaction([NOTES, PIECES], "readwrite");
      work.objectStore(NOTES).delete([share, name]);
      work.objectStore(PIECES).delete(IDBKeyRange.bound([share, name], [share, name, []]));
      await finished(work);
    },
  };
}

class DatabaseSink implements Sink {
  size = 0;
  private readonly database: IDBDatabase;
  private readonly key: readonly [string, string];
  private places: { at: number; size: number }[] = [];
  private held: Piece | null = null;

  private constructor(database: IDBDatabase, share: string, name: string) {
    this.database = database;
    this.key = [share, name];
  }

  static async open(database: IDBDatabase, share: string, name: string): Promise<DatabaseSink> {
    const sink = new DatabaseSink(database, share, name);
    await sink.each((piece) => {
      sink.places.push({ at: piece.at, size: piece.bytes.byteLength });
      sink.size = piece.at + piece.bytes.byteLength;
    });
    return sink;
  }

  async write(bytes: Bytes): Promise<void> {
    if (bytes.length === 0) return;
    const work = this.database.transaction(PIECES, "readwrite");
    work.objectStore(PIECES).put({ at: this.size, bytes: bytes.slice().buffer } satisfies Piece, [...this.key, this.size]);
    await finished(work);
    this.places.push({ at: this.size, size: bytes.length });
    this.size += bytes.length;
  }

  async truncate(size: number): Promise<void> {
    const last = this.places.find(({ at, size: length }) => at < size && at + length > size);
    const rest = last === undefined ? null : await this.piece(last.at);
    const work = this.database.transaction(PIECES, "readwrite");
    work.objectStore(PIECES).delete(IDBKeyRange.bound([...this.key, last?.at ?? size], [...this.key, []]));
    await finished(work);
    this.places = this.places.filter(({ at }) => at < (last?.at ?? size));
    this.held = null;
    this.size = last?.at ?? size;
    if (rest !== null) await this.write(new Uint8Array(rest.bytes, 0, size - rest.at));
  }

  async read(at: number, into: Bytes): Promise<number> {
    let filled = 0;
    for (const place of this.places) {
      if (place.at + place.size <= at + filled || filled === into.length) continue;
      if (this.held?.at !== place.at) this.held = await this.piece(place.at);
      const from = at + filled - place.at, part = new Uint8Array(this.held.bytes).subarray(from, from + into.length - filled);
      into.set(part, filled);
      filled += part.length;
    }
    return filled;
  }

  async flush(): Promise<void> {
    // Every transaction was finished.
  }

  async file(): Promise<Blob> {
    const parts: Blob[] = [];
    await this.each((piece) => parts.push(new Blob([piece.bytes])));
    return new Blob(parts);
  }

  async close(): Promise<void> {
    this.held = null;
  }

  private async piece(at: number): Promise<Piece> {
    return answer(this.database.transaction(PIECES).objectStore(PIECES).get([...this.key, at]) as IDBRequest<Piece>);
  }

  private async each(take: (piece: Piece) => void): Promise<void> {
    const all = IDBKeyRange.bound([...this.key], [...this.key, []]);
    const walking = this.database.transaction(PIECES).objectStore(PIECES).openCursor(all);
    await new Promise<void>((resolve, reject) => {
      walking.onerror = () => reject(walking.error ?? new Error("unreadable"));
      walking.onsuccess = () => {
        const cursor = walking.result;
        if (cursor === null) return resolve();
        take(cursor.value as Piece);
        cursor.continue();
      };
    });
  }
}

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(fullOr(request.error));
  });

const finished = (work: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onabort = work.onerror = () => reject(fullOr(work.error));
  });

