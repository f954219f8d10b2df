/** A refusal of something read: `word` is what FORMAT.md calls it, the message is for logs and never for people. */
export class Refusal extends Error {
  readonly word: string;

  constructor(word: string, why: string) {
    super(`${word}: ${why}`);
    this.name = "Refusal";
    this.word = word;
  }
}

/** Refuses; `record_invalid` unless another word is given. */
export function refuse(why: string, word = "record_invalid"): never {
  throw new Refusal(word, why);
}

/** Runs a reader; a refusal in it is told by another word. */
export async function refusedAs<T>(word: string, read: () => Promise<T> | T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(word, error.message);
    throw error;
  }
}
