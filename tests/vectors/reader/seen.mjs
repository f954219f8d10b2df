// FORMAT.md, Seen: what the signer of a record says she has seen, and whether a chain holds it.
import { isHex, refuse } from "./bytes.mjs";
import { integer } from "./fields.mjs";
import { isObject } from "./shapes.mjs";

function sighting(value) {
  if (!isObject(value)) refuse("no sighting");
  const number = integer(value.number, 0);
  const hash = value.hash ?? null;
  if (hash !== null && !isHex(hash, 32)) refuse("no hash");
  if ((number === 0) !== (hash === null)) refuse("a number and a hash, or neither");
  return { number, hash };
}

/** The field `seen`, read. */
export function seen(value) {
  if (!isObject(value)) refuse("nothing is told");
  return { ledger: sighting(value.ledger), checkpoint: sighting(value.checkpoint) };
}

/** Whether a chain, numbered from 1, holds a sighting. */
export function isHeld({ number, hash }, chain) {
  if (hash === null) return "allowed";
  if (number > chain.length) return "rolled_back";
  return chain[number - 1] === hash ? "allowed" : "forked";
}
