/** Argon2id (FORMAT.md, "Basics"): by WebAssembly where the page may run it, else by noble. */
import type { Bytes } from "../bytes.ts";

/** Of a link's passphrase and of a password. */
export const MEMORY_KIB = 65_536, PASSES = 3;

/** 32 bytes; `memory` in KiB. */
export async function argon2id(secret: Uint8Array, salt: Uint8Array, memory = MEMORY_KIB, passes = PASSES): Promise<Bytes> {
  return (await byWebAssembly(secret, salt, memory, passes)) ?? byNoble(secret, salt, memory, passes);
}

async function byWebAssembly(secret: Uint8Array, salt: Uint8Array, memory: number, passes: number): Promise<Bytes | null> {
  if (typeof WebAssembly === "undefined") return null;
  const { argon2id: derive } = await import("hash-wasm");
  try {
    // hash-wasm takes no empty secret.
    return (await derive({
      password: secret, salt, parallelism: 1, iterations: passes, memorySize: memory, hashLength: 32, outputType: "binary",
    })) as Bytes;
  } catch {
    return null;
  }
}

async function byNoble(secret: Uint8Array, salt: Uint8Array, memory: number, passes: number): Promise<Bytes> {
  const { argon2id: derive } = await import("@noble/hashes/argon2.js");
  return derive(secret, salt, { m: memory, t: passes, p: 1, version: 0x13, dkLen: 32 });
}
