import { expect, test } from "vitest";
import { payloadKey } from "../../src/crypto/age/derive.ts";
import { fromHex } from "../../src/crypto/bytes.ts";
import { openDocument } from "../../src/crypto/documents/opening.ts";
import { type Chunk, sealChunks } from "./makers.ts";
import { everyCase } from "./every_case.ts";
import { verdictOf } from "./vectors.ts";

const openings = everyCase<{
  identity: string;
  file_key: string;
  nonce: string;
  cases: {
    name: string; head: string; chunks: Chunk[]; behind: string; flip: number | null;
    stated: { nonce: string; commitment: string; size: number; digest: string; content: string }; verdict: string;
  }[];
}>("6-openings");

test("6-openings", async () => {
  const key = await payloadKey(fromHex(openings.file_key), fromHex(openings.nonce)), identity = fromHex(openings.identity);
  for (const { name, head, chunks, behind, flip, stated: said, verdict } of openings.cases) {
    const body = sealChunks(key, chunks, fromHex(behind), flip);
    const stated = { ...said, nonce: fromHex(said.nonce), commitment: fromHex(said.commitment) };
    expect(await verdictOf(() => openDocument(identity, fromHex(head), body, stated, said.content)), name).toBe(verdict);
  }
});
