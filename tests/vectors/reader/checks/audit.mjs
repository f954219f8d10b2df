import { detailsDigest, entryHash, heads, leaf } from "../audit.mjs";
import { verify } from "../audit_files.mjs";
import { fromBase64url, fromHex, toHex, utf8 } from "../bytes.mjs";

export function check(vectors, expect) {
  let previous = vectors.genesis;
  for (const entry of vectors.entries) {
    expect(`what entry ${entry.sequence} follows`, entry.previous, previous);
    expect(`the hash of entry ${entry.sequence}`, toHex(entryHash(entry)), entry.hash);
    expect(`the details of entry ${entry.sequence}`, toHex(detailsDigest(fromBase64url(entry.details))), entry.digest);
    previous = entry.hash;
  }
  const { dossier, sequence, hash } = vectors.leaf;
  expect("the leaf of a chain", toHex(leaf(dossier, sequence, hash)), vectors.leaf.leaf);
  expect("the heads of a checkpoint", toHex(heads(vectors.heads.leaves.map(fromHex))), vectors.heads.heads);
  for (const { name, file, failed, ...reader } of vectors.files) {
    expect(name, [...verify(utf8(file), reader).values()].sort(), failed);
  }
}
