/** age's hybrid identities, of a seed of 32 bytes (FORMAT.md, "Keys", Hybrid identity). */
import { bech32 } from "@scure/base";
import { identityToRecipient } from "age-encryption";

export const TYPE = "mlkem768x25519";

/** The identity as age writes it. */
export const identityOf = (seed: Uint8Array): string => bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed).toUpperCase();

/** The recipient as age writes it. */
export const recipientOf = (seed: Uint8Array): Promise<string> => identityToRecipient(identityOf(seed));
