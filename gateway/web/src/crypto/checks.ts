/** What a verification finds that goes on after a fault: of each thing that is looked at the first one. */
import { Refusal } from "./refusal.ts";

export class Findings {
  private readonly words = new Map<string, string>();

  /** The word of each fault, by what was looked at; empty where all holds. */
  get found(): ReadonlyMap<string, string> {
    return this.words;
  }

  add(what: string, word: string): void {
    if (!this.words.has(what)) this.words.set(what, word);
  }

  /** What `run` gives; where it refuses, that is a fault, and nothing is given. */
  async try<T>(what: string, word: string, run: () => Promise<T> | T): Promise<T | null> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.add(what, word);
      return null;
    }
  }
}
