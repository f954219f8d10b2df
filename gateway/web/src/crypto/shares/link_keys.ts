/** The keys and proofs of a link (FORMAT.md, "Keys" and "Links"). */
import { type Bytes, concat, sha256 } from "../bytes.ts";
import { hkdf } from "../boxes.ts";
import { toBase64url } from "../records/encoding.ts";

/** What stands for the stretched passphrase where there is none. */
export const NO_PASSPHRASE: Bytes = new Uint8Array(32);

export interface LinkKeys {
  readonly possess: Bytes;
  readonly open: Bytes;
  readonly cover: Bytes;
  readonly capsule: Bytes;
  readonly sign: Bytes;
}

/** `stretched`: Argon2id of the canonical passphrase. */
export async function derive(secret: Uint8Array, stretched: Uint8Array = NO_PASSPHRASE): Promise<LinkKeys> {
  const both = concat(secret, stretched);
  const [possess, open, cover, capsule, sign] = await Promise.all([
    hkdf(secret, "vault/v1/link/possess"),
    hkdf(both, "vault/v1/link/open"),
    hkdf(both, "vault/v1/link/cover"),
    hkdf(both, "vault/v1/link/capsule"),
    hkdf(both, "vault/v1/link/sign"),
  ]);
  return { possess, open, cover, capsule, sign };
}

/** The `Authorization` of a look that asks how the link opens. */
export const possession = ({ possess }: LinkKeys): string => `Dossier-Link possess="${toBase64url(possess)}"`;

/** The `Authorization` of everything else. */
export const authorization = ({ possess, open }: LinkKeys): string =>
  `Dossier-Link possess="${toBase64url(possess)}", open="${toBase64url(open)}"`;

/** What the gateway keeps of both proofs. */
export const verifiers = async ({ possess, open }: LinkKeys): Promise<{ possess: Bytes; open: Bytes }> => ({
  possess: await sha256(possess),
  open: await sha256(open),
});
