// Says of a batch of cases what the browser's crypto says: `node judge.mjs FILE`, a JSON list; one is printed.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const { output } = await build({
  root: path("../.."), configFile: false, logLevel: "error", ssr: { noExternal: true },
  build: { ssr: path("judge.ts"), write: false, minify: false },
});
const { judge } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
process.stdout.write(JSON.stringify(await judge(JSON.parse(readFileSync(process.argv[2])))));
