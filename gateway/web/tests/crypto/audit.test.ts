import { expect, test } from "vitest";
import { verifyAudit } from "../../src/crypto/audit/verification.ts";
import { fromHex, toHex, utf8 } from "../../src/crypto/bytes.ts";
import { fromBase64url } from "../../src/crypto/records/encoding.ts";
import { headsDigest, leafOf } from "../../src/crypto/records/types/checkpoint.ts";
import { GENESIS, type Said, detailsDigest, entryHash } from "../../src/crypto/rules/audit_entries.ts";
import { everyCase } from "./every_case.ts";

const audit = everyCase<{
  genesis: string;
  entries: (Said & { dossier: string; hash: string; details: string })[];
  leaf: { dossier: string; sequence: number; hash: string; leaf: string };
  heads: { leaves: string[]; heads: string };
  files: { name: string; practice: string | null; fingerprint: string | null; file: string; failed: string[] }[];
}>("10-audit");

test("10-audit: hashes", async () => {
  let previous = audit.genesis;
  expect(previous).toBe(GENESIS);
  for (const entry of audit.entries) {
    expect(entry.previous).toBe(previous);
    expect(await entryHash(entry.dossier, entry)).toBe(entry.hash);
    expect(await detailsDigest(fromBase64url(entry.details))).toBe(entry.digest);
    previous = entry.hash;
  }
  const { dossier, sequence, hash, leaf } = audit.leaf;
  expect(toHex(await leafOf(dossier, sequence, hash))).toBe(leaf);
  expect(await headsDigest(audit.heads.leaves.map(fromHex))).toBe(audit.heads.heads);
});

test("10-audit: files", async () => {
  for (const { name, file, failed, ...reader } of audit.files) {
    expect([...(await verifyAudit(utf8(file), reader)).values()].sort(), name).toEqual(failed);
  }
});
