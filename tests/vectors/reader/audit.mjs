// FORMAT.md, Audit: the hash of an entry, of its details, and what a checkpoint digests.
import { createHash } from "node:crypto";
import { concat, lp, utf8 } from "./bytes.mjs";

const sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());

export const detailsDigest = (details) => sha256(lp(utf8("vault/v1/audit/details"), details));

export const entryHash = ({ dossier, sequence, previous, at, event, actor, digest }) =>
  sha256(lp(...["vault/v1/audit", dossier, String(sequence), previous, at, event, actor, digest].map(utf8)));

export const leaf = (dossier, sequence, hash) =>
  sha256(lp(...["vault/v1/checkpoint", dossier, String(sequence), hash].map(utf8)));

export const heads = (leaves) => sha256(concat(...leaves));
