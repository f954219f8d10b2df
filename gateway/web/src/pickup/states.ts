/** What the page shows, and what may become what: one table. What is not in it changes nothing. */
import type { Failure } from "../work/messages.ts";

export type State =
  | "reading"
  | "incomplete"
  | "asking"
  | "stretching"
  | "pausing"
  | "repairing"
  | "offer"
  | "fetching"
  | "waiting"
  | "stopped"
  | "ready"
  | "saved"
  | "gone"
  | "expired"
  | "withdrawn"
  | "damaged"
  | "odd"
  | "full"
  | "busy"
  | "offline"
  | "failed"
  | "unsupported";

export type Event =
  | Failure
  | "unsupported"
  | "incomplete"
  | "expired"
  | "locked"
  | "words"
  | "offer"
  | "fetch"
  | "progress"
  | "waiting"
  | "stopped"
  | "ready"
  | "forgotten"
  | "retry"
  | "reopen";

type Row = Readonly<Partial<Record<Event, State>>>;

const ANYWHERE: Row = { damaged: "damaged", answer_invalid: "odd", failed: "failed" };
const OPENING: Row = { ...ANYWHERE, offer: "offer", gone: "gone", too_many: "pausing", repairing: "repairing", unreachable: "offline", full: "full" };
const UNDER_WAY: Row = {
  ...ANYWHERE, progress: "fetching", waiting: "waiting", stopped: "stopped", ready: "ready", withdrawn: "withdrawn", expired: "expired",
  wrong_words: "withdrawn", too_many: "stopped", repairing: "repairing", full: "full", busy: "busy", unreachable: "offline",
};
/** After a failure: `retry` goes on with a pick-up that was offered, `reopen` begins with the link. */
const AGAIN: Row = { retry: "fetching", reopen: "reading" };

export const TABLE: Readonly<Record<State, Row>> = {
  reading: { ...OPENING, locked: "asking", incomplete: "incomplete", unsupported: "unsupported" },
  incomplete: { words: "stretching", reopen: "reading" },
  asking: { words: "stretching" },
  stretching: { ...OPENING, locked: "asking", wrong_words: "asking", incomplete: "incomplete" },
  pausing: { reopen: "reading" },
  offer: { fetch: "fetching", expired: "expired" },
  fetching: UNDER_WAY,
  waiting: UNDER_WAY,
  stopped: { fetch: "fetching", expired: "expired" },
  ready: { forgotten: "saved" },
  saved: {},
  gone: {},
  expired: {},
  withdrawn: {},
  damaged: AGAIN,
  odd: AGAIN,
  full: AGAIN,
  busy: AGAIN,
  repairing: AGAIN,
  offline: AGAIN,
  failed: {},
  unsupported: {},
};

export const next = (state: State, event: Event): State => TABLE[state][event] ?? state;
