/** The recovery sheet: its seed gives the root, a login and an identity (FORMAT.md, "Keys"). */
import { identityOf } from "../age/hybrid.ts";
import { decryptOne } from "../age/whole.ts";
import type { Bytes } from "../bytes.ts";
import { hkdf } from "../boxes.ts";
import { type Envelope, parse } from "../records/envelope.ts";
import { refuse } from "../refusal.ts";

const LARGEST = 24_576;

export interface SheetKeys {
  /** The seed of the Ed25519 key that signs roster 1 and recoveries. */
  readonly root: Bytes;
  readonly login: Bytes;
  /** The seed of the identity that opens locks. */
  readonly identity: Bytes;
}

export const sheetKeys = async (seed: Uint8Array): Promise<SheetKeys> => ({
  root: await hkdf(seed, "vault/v1/sheet/root"),
  login: await hkdf(seed, "vault/v1/sheet/login"),
  identity: await hkdf(seed, "vault/v1/sheet/recovery"),
});

/** The envelope of the `lock` record; its signature is not verified here. */
export async function openSheetLock({ identity }: SheetKeys, sealed: Uint8Array): Promise<Envelope> {
  if (sealed.length > LARGEST) refuse("a lock is too large");
  return parse(await decryptOne(sealed, identityOf(identity)), "lock");
}
