/** What page and worker say to each other. */
import type { Bytes } from "../crypto/bytes.ts";

export type Order =
  | { readonly do: "open"; readonly base: string; readonly share: string; readonly secret: Bytes }
  /** The passphrase, stretched (Argon2id). */
  | { readonly do: "unlock"; readonly stretched: Bytes }
  | { readonly do: "fetch" }
  | { readonly do: "stop" }
  | { readonly do: "zip"; readonly name: string }
  /** Everything is saved, or nothing of it is wanted: nothing is left behind. */
  | { readonly do: "forget" };

export interface Offered {
  readonly document: string;
  /** The relative path for saving. */
  readonly path: string;
  readonly size: number;
}

export interface Offer {
  readonly sender: string;
  readonly practice: string;
  readonly note: string;
  readonly root: Bytes;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly files: readonly Offered[];
  /** How many documents are not given any more. */
  readonly missing: number;
  readonly left: number;
  /** Whether a pick-up is under way in this browser. */
  readonly begun: boolean;
  /** Whether nothing outlives this page, for want of a storage. */
  readonly fleeting: boolean;
}

export interface Saved {
  readonly path: string;
  readonly size: number;
  readonly file: Blob;
}

/** Why a pick-up ended. */
export type Failure =
  | "gone"
  | "withdrawn"
  | "wrong_words"
  | "too_many"
  | "repairing"
  | "unreachable"
  | "answer_invalid"
  | "damaged"
  | "full"
  | "busy"
  | "failed";

export type News =
  | { readonly is: "locked" }
  | { readonly is: "offer"; readonly offer: Offer }
  | { readonly is: "progress"; readonly done: number; readonly total: number }
  | { readonly is: "waiting" }
  /** Nothing but that the worker is there: it waits for the network, which has a limit of its own. */
  | { readonly is: "alive" }
  | { readonly is: "stopped" }
  | { readonly is: "ready"; readonly files: readonly Saved[]; readonly missing: number }
  | { readonly is: "zipped"; readonly file: Blob }
  | { readonly is: "unzipped" }
  | { readonly is: "forgotten" }
  | { readonly is: "failure"; readonly why: Failure; readonly wait: number };
