// A browser at the end of a pipe: each line in is `{code, given}`, run with what lasts between lines; each line out is
// `{value}` or `{error}`. The tests in Python drive it, so that one test can hold browser, server and command line.
import { createInterface } from "node:readline";

const modules = new URL("../../gateway/web/node_modules/", import.meta.url);
const { chromium } = await import(new URL("playwright-core/index.mjs", modules));
const AsyncFunction = (async () => {}).constructor;
const held = { chromium, modules, heard: [] };

for await (const line of createInterface({ input: process.stdin })) {
  const { code, given } = JSON.parse(line);
  let said;
  try {
    said = { value: (await new AsyncFunction("held", "given", code)(held, given)) ?? null };
  } catch (error) {
    said = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
await held.context?.close();
await held.browser?.close();
