import { expect, test } from "vitest";
import { LARGEST, openMemory } from "../../src/spool/memory.ts";
import { SpoolFull } from "../../src/spool/spool.ts";

test("memory says how much it holds, so that more than that costs no pick-up", async () => {
  expect(await openMemory().room()).toBe(LARGEST);
});

test("more than it holds is refused, and what was there stays", async () => {
  const sink = await (await openMemory().folder("share")).sink("file"), piece = new Uint8Array(LARGEST / 4 + 1);
  for (let count = 0; count < 3; count += 1) await sink.write(piece);
  await expect(sink.write(piece)).rejects.toBeInstanceOf(SpoolFull);
  expect(sink.size).toBe(3 * piece.length);
});
