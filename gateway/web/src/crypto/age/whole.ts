/** Small age files in memory, by `age-encryption` behind our refusals. */
import { Decrypter, Encrypter, armor } from "age-encryption";
import type { Bytes } from "../bytes.ts";
import { refuse } from "../refusal.ts";
import { ONE_HYBRID } from "./head.ts";

export interface Secrets {
  readonly identities?: readonly string[];
  readonly passphrases?: readonly string[];
}

/** The plaintext of an age file; any other file is refused as `age_invalid`, whole. */
export async function decrypt(file: Uint8Array, { identities = [], passphrases = [] }: Secrets, armored = false): Promise<Bytes> {
  const reader = new Decrypter();
  try {
    for (const identity of identities) reader.addIdentity(identity);
    for (const passphrase of passphrases) reader.addPassphrase(passphrase);
    const binary = armored ? armor.decode(strictText(file)) : file;
    return (await reader.decrypt(binary)) as Bytes;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : "no age file", "age_invalid");
  }
}

/** The plaintext of an age file with exactly one stanza, to a hybrid recipient. */
export async function decryptOne(file: Uint8Array, identity: string): Promise<Bytes> {
  const reader = new Decrypter();
  try {
    reader.addIdentity(ONE_HYBRID);
    reader.addIdentity(identity);
    return (await reader.decrypt(file)) as Bytes;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : "no age file", "age_invalid");
  }
}

/** An age file for the recipients. */
export async function encrypt(plain: Uint8Array, recipients: readonly string[]): Promise<Bytes> {
  const writer = new Encrypter();
  for (const recipient of recipients) writer.addRecipient(recipient);
  return (await writer.encrypt(plain)) as Bytes;
}

const strictText = (file: Uint8Array): string => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file);
