/** The keyring under its key, and the key under the password's lock (FORMAT.md, "Keyring"). */
import { type Bytes, lp, utf8 } from "../bytes.ts";
import { unbox } from "../boxes.ts";
import { parseObject } from "../records/encoding.ts";
import * as read from "../records/read.ts";
import { refuse } from "../refusal.ts";

const LARGEST = 4096;

export interface Keyring {
  readonly practice: string;
  readonly signing: Bytes;
  readonly identity: Bytes;
  readonly wrap: Bytes;
  readonly root: Bytes;
  readonly roster: { readonly version: number; readonly hash: string };
}

export const keyringPlace = (member: string): Bytes => lp(utf8("vault/v1/keyring"), utf8(member));

/** `parameters` is their JSON text: another one is another lock. */
export const lockPlace = (member: string, parameters: string): Bytes =>
  lp(...["vault/v1/lock/password", member, parameters].map(utf8));

export function openKeyring(key: Uint8Array, member: string, sealed: Uint8Array): Keyring {
  const fields = parseObject(unbox(key, keyringPlace(member), sealed), LARGEST);
  read.integer(fields, "v", 1, 1);
  if (fields["member"] !== member) refuse("a keyring of another member");
  const roster = read.mapping(fields, "roster");
  return {
    practice: read.identifier(fields, "practice"),
    signing: read.octets(fields, "signing", 32),
    identity: read.octets(fields, "identity", 32),
    wrap: read.octets(fields, "wrap", 32),
    root: read.octets(fields, "root", 32),
    roster: { version: read.integer(roster, "version", 1), hash: read.digest(roster, "hash") },
  };
}
