// Builds the page of `speed.ts` into the folder that is named.
import { fileURLToPath } from "node:url";
import { build } from "vite";

await build({
  root: fileURLToPath(new URL("./", import.meta.url)), configFile: false, logLevel: "warn", base: "./",
  build: { outDir: process.argv[2], emptyOutDir: true, target: "es2022" },
});
