/** The spool on the browser's private disk storage (OPFS), by handles that write in place; for a worker. */
import type { Bytes } from "../crypto/bytes.ts";
import { type Folder, type Sink, type Spool, fullOr, granted } from "./spool.ts";

const ROOT = "pickup";

export async function openDisk(): Promise<Spool> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(ROOT, { create: true });
  return {
    kind: "disk",
    folder: async (share) => diskFolder(await root.getDirectoryHandle(share, { create: true })),
    async list() {
      const found: { share: string; touched: number }[] = [];
      for await (const [share, handle] of root.entries()) {
        if (handle.kind === "directory") found.push({ share, touched: await touched(handle) });
      }
      return found;
    },
    remove: (share) => forgiving(root.removeEntry(share, { recursive: true })),
    room: granted,
  };
}

async function touched(folder: FileSystemDirectoryHandle): Promise<number> {
  let newest = 0;
  for await (const [, handle] of folder.entries()) {
    if (handle.kind === "file") newest = Math.max(newest, (await (handle).getFile()).lastModified);
  }
  return newest;
}

function diskFolder(folder: FileSystemDirectoryHandle): Folder {
  return {
    async note(name) {
      try {
        return await (await (await folder.getFileHandle(name)).getFile()).text();
      } catch {
        return null;
      }
    },
    async setNote(name, text) {
      const handle = await opened(await folder.getFileHandle(name, { create: true }));
      try {
        const bytes = new TextEncoder().encode(text);
        handle.write(bytes, { at: 0 });
        handle.truncate(bytes.length);
        handle.flush();
      } catch (error) {
        throw fullOr(error);
      } finally {
        handle.close();
      }
    },
    async sink(name) {
      const file = await folder.getFileHandle(name, { create: true });
      return new DiskSink(file, await opened(file));
    },
    async has(name) {
      return folder.getFileHandle(name).then(() => true, () => false);
    },
    drop: (name) => forgiving(folder.removeEntry(name)),
  };
}

/** Handles of files that are being opened. */
const opening = new Set<FileSystemFileHandle>();

/**
 * A file, opened for writing in place.
 *
 * The handle is held until then: Chromium (156) forgets the question together with a handle that is collected as garbage
 * meanwhile, and its promise stays open for ever (docs/decisions/0047).
 */
async function opened(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  opening.add(file);
  try {
    return await file.createSyncAccessHandle();
  } finally {
    opening.delete(file);
  }
}

class DiskSink implements Sink {
  size: number;
  private readonly handle: FileSystemFileHandle;
  private readonly access: FileSystemSyncAccessHandle;

  constructor(handle: FileSystemFileHandle, access: FileSystemSyncAccessHandle) {
    this.handle = handle;
    this.access = access;
    this.size = access.getSize();
  }

  async write(bytes: Bytes): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += this.access.write(bytes.subarray(at), { at: this.size + at });
    } catch (error) {
      throw fullOr(error);
    }
    this.size += bytes.length;
  }

  async truncate(size: number): Promise<void> {
    this.access.truncate(size);
    this.size = size;
  }

  async read(at: number, into: Bytes): Promise<number> {
    return this.access.read(into, { at });
  }

  async flush(): Promise<void> {
    try {
      this.access.flush();
    } catch (error) {
      throw fullOr(error);
    }
  }

  async file(): Promise<Blob> {
    this.access.close();
    return this.handle.getFile();
  }

  async close(): Promise<void> {
    this.access.close();
  }
}

/** What is gone already is removed. */
async function forgiving(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "NotFoundError")) throw error;
  }
}
