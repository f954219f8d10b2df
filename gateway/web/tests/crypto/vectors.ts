/** The project's vectors (`tests/vectors`), and the outcome of a reader as they spell it. */
import { readFileSync } from "node:fs";
import { Refusal } from "../../src/crypto/refusal.ts";

export const folder = (): URL => new URL("../../../../tests/vectors/", import.meta.url);

export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder()), "utf8")) as T;
}

/** What a reader says: its value, or the word of its refusal. Any other error is a mistake of the reader. */
export async function outcome<T>(read: () => T | Promise<T>): Promise<T | string> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal) return error.word;
    throw error;
  }
}

/** `allowed`, or the word of the refusal. */
export const verdictOf = (rule: () => unknown): Promise<string> =>
  outcome(async () => {
    await rule();
    return "allowed";
  });
