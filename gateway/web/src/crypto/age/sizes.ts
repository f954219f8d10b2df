/** Sizes of a body (age v1, "Payload"): chunks of 64 KiB, each with its tag. */
import { refuse } from "../refusal.ts";

export const CHUNK_SIZE = 65_536;
export const TAG_SIZE = 16;
export const SEALED_SIZE = CHUNK_SIZE + TAG_SIZE;
export const MAX_BODY = 2 ** 43;

/** How many bytes the sealed chunks of a plaintext take. */
export const bodySize = (plain: number): number => plain + Math.max(1, Math.ceil(plain / CHUNK_SIZE)) * TAG_SIZE;

/** How many bytes of plaintext a body holds; refused where no body has this size. Only a sole chunk may be empty. */
export function plainSize(body: number): number {
  const chunks = Math.ceil(body / SEALED_SIZE), last = body - (chunks - 1) * SEALED_SIZE;
  if (chunks < 1 || last < TAG_SIZE || (last === TAG_SIZE && chunks > 1)) return refuse("no body has this size", "document_damaged");
  return body - chunks * TAG_SIZE;
}
