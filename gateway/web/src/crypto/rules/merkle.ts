/** The Merkle tree hash of an index (FORMAT.md, "The index"; RFC 9162, section 2.1). */
import { type Bytes, concat, fromHex, same, sha256, toHex } from "../bytes.ts";

const leaf = (hash: string): Promise<Bytes> => sha256(concat(Uint8Array.of(0), fromHex(hash)));
const node = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(concat(Uint8Array.of(1), left, right));

/** The root over record hashes in any order, hex. */
export const root = async (hashes: readonly string[]): Promise<string> =>
  toHex(await tree(await Promise.all([...hashes].sort().map(leaf))));

async function tree(leaves: readonly Bytes[]): Promise<Bytes> {
  const [first] = leaves;
  if (first === undefined) return sha256(new Uint8Array());
  if (leaves.length === 1) return first;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return node(await tree(leaves.slice(0, half)), await tree(leaves.slice(half)));
}

/** Whether the hash stands at that place among so many below the root (2.1.3.2). */
export async function includes(hash: string, place: number, count: number, path: readonly string[], expected: string): Promise<boolean> {
  if (place < 0 || place >= count) return false;
  let at = place, last = count - 1, found = await leaf(hash);
  for (const each of path.map(fromHex)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      found = await node(each, found);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      found = await node(found, each);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && same(found, fromHex(expected));
}
