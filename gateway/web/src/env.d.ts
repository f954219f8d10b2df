// A room of texts alone, so that a page fetches no other's (`vite.config.ts`).
declare module "*.json?pickup_page" {
  const room: (typeof import("../../../vault/texts/nl.json"))["pickup_page"];
  export default room;
}

declare module "*.json?pickup_states" {
  const room: (typeof import("../../../vault/texts/nl.json"))["pickup_states"];
  export default room;
}

declare module "*.json?home_page" {
  const room: (typeof import("../../../vault/texts/nl.json"))["home_page"];
  export default room;
}

declare module "*.txt?raw" {
  const text: string;
  export default text;
}

// Handles that write in place: of workers alone, and so not among the DOM's types.
interface FileSystemSyncAccessHandle {
  read(into: Uint8Array, options?: { at?: number }): number;
  write(bytes: Uint8Array, options?: { at?: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}

interface Window {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
  };
}
