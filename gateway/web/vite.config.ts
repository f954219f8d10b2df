import { readFileSync } from "node:fs";
import { type Plugin, defineConfig } from "vite";

const IMPORTED = /(?:\bfrom|[;}]?import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g;

/** What a page's program begins with, its worker too, asked for all at once and not as each file is read. */
const preloaded: Plugin = {
  name: "preloaded",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle = {}, chunk, path }) => {
      const up = "../".repeat(path.split("/").length - 2), wanted = new Set(chunk?.imports);
      for (const [name, file] of Object.entries(bundle)) {
        if (file.type !== "asset" || !name.includes("pickup.worker-") || !path.startsWith("/s/")) continue;
        wanted.add(name);
        for (const [, imported = ""] of String(file.source).matchAll(IMPORTED)) wanted.add(`assets/${imported}`);
      }
      return [...wanted].map((name) => ({
        tag: "link", injectTo: "head" as const, attrs: { rel: "modulepreload", crossorigin: true, href: up + name },
      }));
    },
  },
};

/** `nl.json?pickup_page`: one room of the texts. */
const rooms: Plugin = {
  name: "rooms",
  enforce: "pre",
  load(id) {
    const [, file, room] = /^(.*\.json)\?(\w+)$/.exec(id) ?? [];
    if (file === undefined || room === undefined) return null;
    const texts = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    return { code: `export default ${JSON.stringify(texts[room])};`, moduleType: "js" };
  },
};

type Info = (id: string) => { importers: readonly string[] } | null;

/** Whether the pick-up's page, or a worker, imports the module before anything else, by way of others or not. */
function isBegun(id: string, info: Info, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  return info(id)?.importers.some((importer) => /(?:pickup\/main\.tsx|\.worker\.ts)$/.test(importer) || isBegun(importer, info, seen)) ?? false;
}

export default defineConfig({
  plugins: [preloaded, rooms],
  base: "./",
  publicDir: false,
  build: {
    outDir: "built",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false, // its helper for lazy parts costs more than it brings
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { home: "index.html", pickup: "s/index.html" },
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
        manualChunks: (id, { getModuleInfo }) => (isBegun(id, getModuleInfo) ? "page" : null),
      },
    },
  },
  worker: {
    format: "es",
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        // WebKit runs a worker's first file again when a later part imports it; so none does.
        manualChunks: (id, { getModuleInfo }) => (isBegun(id, getModuleInfo) ? "work" : null),
      },
    },
  },
});
