/** Deposits in parts (FORMAT.md, "Deposits"): what a document's record may say after its intent, and of which body. */
import { type Bytes, same } from "../bytes.ts";
import { type DocumentRecord, segmentCount, treeDigest } from "../records/types/document.ts";
import type { Intent } from "../records/types/intent.ts";
import { refuse } from "../refusal.ts";

const RESERVED = ["dossier", "id", "series", "previous", "kind", "draft", "size", "signer"] as const;

/** Refuses a record that does not complete what its intent began; people come and go while a body is under way. */
export function checkCompletes(document: DocumentRecord, intent: Intent): void {
  const said = RESERVED.every((name) => document[name] === intent[name]);
  const keys = same(document.nonce, intent.nonce) && same(document.commitment, intent.commitment);
  if (!said || !keys || document.standing.version < intent.standing.version) refuse("not what the intent said", "conflict");
}

/** Refuses segments with these SHA-256, in order, that are not the body which the record states. */
export async function checkBody(document: DocumentRecord, segments: readonly Bytes[]): Promise<void> {
  const whole = segments.length === segmentCount(document.size);
  if (!whole || (await treeDigest(segments)) !== document.digest) refuse("another body", "digest_mismatch");
}
