/** Whether a chain holds what the signer of a record says she has seen of it (FORMAT.md, "Seen"). */
import type { Sighting } from "../records/seen.ts";

/** `at`: the chain's hash under a number, undefined beyond its end. */
export function isHeld({ number, hash }: Sighting, at: (number: number) => string | undefined): "allowed" | "rolled_back" | "forked" {
  if (hash === null) return "allowed";
  const found = at(number);
  if (found === undefined) return "rolled_back";
  return found === hash ? "allowed" : "forked";
}
