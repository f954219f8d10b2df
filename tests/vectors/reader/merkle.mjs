// FORMAT.md, The index, Root: the Merkle tree hash of RFC 9162.
import { createHash } from "node:crypto";
import { concat, fromHex, same, toHex } from "./bytes.mjs";

const sha256 = (...parts) => Uint8Array.from(createHash("sha256").update(concat(...parts)).digest());
const leaf = (hash) => sha256(Uint8Array.of(0), fromHex(hash));
const node = (left, right) => sha256(Uint8Array.of(1), left, right);

/** The root over hashes, in hex, in any order. */
export const root = (hashes) => toHex(tree([...hashes].sort().map(leaf)));

function tree(leaves) {
  if (leaves.length < 2) return leaves[0] ?? sha256();
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return node(tree(leaves.slice(0, half)), tree(leaves.slice(half)));
}

/** Whether the hash stands at that place among so many below the root (RFC 9162, 2.1.3.2). */
export function includes(hash, place, count, path, expected) {
  if (place < 0 || place >= count) return false;
  let at = place, last = count - 1, found = leaf(hash);
  for (const each of path.map(fromHex)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = node(each, found);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      found = node(found, each);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(found, fromHex(expected));
}
