// FORMAT.md, Keyring: the keyring under its key, and the key under the password's lock.
import { fromBase64url, isHex, lp, refuse, utf8 } from "./bytes.mjs";
import { unbox } from "./boxes.mjs";
import { integer } from "./fields.mjs";
import { parseObject } from "./json.mjs";

const LARGEST = 4096;

export const keyringPlace = (member) => lp(utf8("vault/v1/keyring"), utf8(member));

/** `parameters` is the JSON text of them: another one is another lock. */
export const lockPlace = (member, parameters) => lp(...["vault/v1/lock/password", member, parameters].map(utf8));

const key = (value) => (typeof value === "string" && fromBase64url(value).length === 32 ? value : refuse("no key"));

export function openKeyring(keyringKey, member, sealed) {
  const fields = parseObject(unbox(keyringKey, keyringPlace(member), sealed), LARGEST);
  integer(fields.v, 1, 1);
  if (!isHex(fields.practice, 16) || fields.member !== member) refuse("a keyring of another member");
  for (const name of ["signing", "identity", "wrap", "root"]) key(fields[name]);
  integer(fields.roster?.version, 1);
  if (!isHex(fields.roster.hash, 32)) refuse("no roster");
  return fields;
}
