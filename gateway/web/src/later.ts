/** Parts of the program that are fetched while nobody waits for them. */

/** A part did not come: there is no connection, or the server was given another version meanwhile. */
export class PartMissing extends Error {}

/** Fetches a part once; one that did not come is asked for again, and told as PartMissing. */
export function later<T>(fetch: () => Promise<T>): () => Promise<T> {
  let coming: Promise<T> | null = null;
  return async () => {
    try {
      return await (coming ??= fetch());
    } catch {
      coming = null;
      throw new PartMissing("a part of the program did not come");
    }
  };
}
