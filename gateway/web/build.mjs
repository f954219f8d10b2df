// Builds the pages into `built/`: hashed files, each beside its compressed forms, and `manifest.json`, which says of
// every file its hash, type and policy. The gateway serves by it, and `dossier doctor` compares what it is served.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";

const HERE = new URL("./", import.meta.url), BUILT = new URL("built/", HERE);
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };
const policies = JSON.parse(readFileSync(new URL("headers.json", HERE), "utf8"));

await build({ root: fileURLToPath(HERE), logLevel: "warn" });
const files = {};
for (const path of readdirSync(BUILT, { recursive: true }).map(String).sort()) {
  const file = new URL(path, BUILT);
  if (!statSync(file).isFile()) continue;
  const content = readFileSync(file), type = TYPES[path.split(".").at(-1)];
  if (type === undefined) throw new Error(`no type is known for ${path}`);
  files[path] = { sha256: createHash("sha256").update(content).digest("hex"), size: content.length, type, policy: policyOf(path) };
  writeFileSync(new URL(`${path}.gz`, BUILT), gzipSync(content, { level: 9 }));
  writeFileSync(new URL(`${path}.br`, BUILT), brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }));
}
writeFileSync(new URL("manifest.json", BUILT), `${JSON.stringify({ v: 1, files, policies }, null, 1)}\n`);

/** The name of a file's policy. Only the worker that stretches passphrases may compile WebAssembly. */
function policyOf(path) {
  if (path.endsWith(".html")) return "page";
  if (path.endsWith(".css")) return "style";
  return path.includes("argon2.worker") ? "argon2" : "script";
}
