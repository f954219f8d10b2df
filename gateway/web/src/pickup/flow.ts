/** The pick-up as the page lives it: what is shown, and the orders to its worker. */
import argon2Url from "../work/argon2.worker.ts?worker&url";
import pickupUrl from "../work/pickup.worker.ts?worker&url";
import { type Bytes, fromHex, utf8 } from "../crypto/bytes.ts";
import { Refusal } from "../crypto/refusal.ts";
import type { Link } from "../crypto/shares/links.ts";
import { shown } from "../looks/shown.ts";
import { worker } from "../trusted.ts";
import type { News, Offer, Order, Saved } from "../work/messages.ts";
import { baseOf, linkHere, spelled } from "./link_here.ts";
import { Pace } from "./pace.ts";
import { Revival } from "./revival.ts";
import { type Event, type State, next } from "./states.ts";
import { suffices } from "./surroundings.ts";

export const state = shown<State>("reading");
export const offer = shown<Offer | null>(null);
export const progress = shown({ done: 0, total: 0, speed: null as number | null });
export const files = shown<readonly Saved[]>([]);
export const savedPaths = shown<ReadonlySet<string>>(new Set());
export const zip = shown<"none" | "packing" | "impossible" | Blob>("none");
/** What the words typed last were refused for. */
export const wordsTrouble = shown<"" | "wrong_words" | "wrong_seven">("");
export const waitUntil = shown(0);
export const link = shown<Link | null>(null);
export const allSaved = (): boolean => files.value.length > 0 && files.value.every(({ path }) => savedPaths.value.has(path));

const pace = new Pace();
let work: Worker | null = null;
/** So long without a word while documents come, and the worker is taken for stuck: a new one goes on where it was. */
const STUCK = 20_000;
let stuck: ReturnType<typeof setTimeout> | undefined;
let revival = new Revival();
/** What the link at hand was opened with. */
let opening: { secret: Bytes; stretched?: Bytes } | null = null;
let wiping: ReturnType<typeof setTimeout> | undefined;

const happened = (event: Event): void => {
  state.value = next(state.value, event);
};
const order = (what: Order): void => work?.postMessage(what);

/** Begins with the address of this page. */
export function begin(): void {
  if ((history.state as { saved?: boolean } | null)?.saved === true && location.hash === "") {
    state.value = "saved";
    return;
  }
  if (!suffices()) return happened("unsupported");
  const here = linkHere(location.href);
  if ("trouble" in here) {
    if (here.trouble === "incomplete") return happened("incomplete");
    state.value = "gone";
    return;
  }
  link.value = here.link;
  // As it was meant: what mail made of it is no address to reload, to copy or to keep.
  if (location.href !== spelled(here.link)) history.replaceState(null, "", spelled(here.link));
  if (here.link.secret === null) return happened("incomplete");
  open(here.link.secret);
}

function open(secret: Bytes): void {
  const { base, share } = link.value ?? { base: baseOf(new URL(location.href)), share: "" };
  opening = { secret };
  work?.terminate();
  work = worker(pickupUrl);
  work.onmessage = ({ data }: MessageEvent<News>): void => hear(data);
  work.onerror = (): void => happened("failed");
  order({ do: "open", base, share, secret });
}

/** Six words for a locked link, or seven that are the whole secret of one. */
export async function typed(words: string, locator: boolean): Promise<void> {
  const { passphrase, checkLocator } = await import("../crypto/keys/words.ts");
  wordsTrouble.value = "";
  let canonical: string;
  try {
    canonical = locator ? await checkLocator(words) : passphrase(words).canonical;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    wordsTrouble.value = "wrong_seven";
    return;
  }
  happened("words");
  try {
    const stretched = await stretch(canonical);
    if (locator) open(stretched);
    else unlock(stretched);
  } catch {
    happened("failed");
  }
}

function unlock(stretched: Bytes): void {
  if (opening !== null) opening = { ...opening, stretched };
  order({ do: "unlock", stretched });
}

function stretch(words: string): Promise<Bytes> {
  const stretching = worker(argon2Url);
  return new Promise<Bytes>((resolve, reject) => {
    const failed = (): void => reject(new Error("the words could not be stretched"));
    stretching.onmessage = ({ data }: MessageEvent<Bytes | null>): void => (data === null ? failed() : resolve(data));
    stretching.onerror = failed;
    stretching.postMessage({ words: utf8(words), salt: fromHex(link.value?.share ?? "") });
  }).finally(() => stretching.terminate());
}

export function fetchAll(): void {
  pace.reset();
  revival = new Revival();
  happened("fetch");
  happened("retry");
  order({ do: "fetch" });
  expect();
}

function expect(): void {
  clearTimeout(stuck);
  if (state.value === "fetching") stuck = setTimeout(revive, STUCK);
}

function revive(): void {
  if (opening === null || offer.value?.fleeting === true || !revival.begin()) return happened("failed");
  const { secret, stretched } = opening;
  open(secret);
  if (stretched !== undefined) opening = { secret, stretched };
}

export const stop = (): void => order({ do: "stop" });

/** After a failure: goes on with the pick-up, or begins with the link where nothing was offered yet. */
export function retry(): void {
  // A part of the program did not come, and an engine may remember that it did not.
  if (offer.value !== null && state.value === "offline") return location.reload();
  if (offer.value !== null) return fetchAll();
  happened("reopen");
  if (link.value?.secret) open(link.value.secret);
  else happened("incomplete");
}

/** After a pause for too many tries. */
export function reopen(): void {
  happened("reopen");
  if (link.value?.secret) open(link.value.secret);
}

export function markSaved(paths: readonly string[]): void {
  savedPaths.value = new Set([...savedPaths.value, ...paths]);
  if (!allSaved()) return;
  // A download reads the file after the click, and nothing tells its end: the storage is wiped well after it.
  const bytes = files.value.reduce((sum, { size }) => sum + size, 0);
  clearTimeout(wiping);
  wiping = setTimeout(forget, 180_000 + bytes / 5_000);
}

export function pack(name: string): void {
  zip.value = "packing";
  order({ do: "zip", name });
}

/** Nothing stays: neither a file in the storage, nor the secret in the address. */
export function forget(): void {
  clearTimeout(wiping);
  order({ do: "forget" });
}

function hear(news: News): void {
  take(news);
  expect();
}

function take(news: News): void {
  if (revival.going && news.is === "locked" && opening?.stretched !== undefined) unlock(opening.stretched);
  else if (revival.going && news.is === "offer") order({ do: "fetch" });
  else if (news.is === "failure" && news.why === "busy" && revival.waits()) setTimeout(() => order({ do: "fetch" }), 2000);
  else if (news.is === "offer") {
    offer.value = news.offer;
    happened("offer");
  } else if (news.is === "progress") {
    revival.came(news.done);
    pace.note(performance.now(), news.done);
    progress.value = { done: news.done, total: news.total, speed: pace.speed };
    happened("progress");
  } else if (news.is === "ready") {
    files.value = news.files;
    savedPaths.value = new Set();
    zip.value = "none";
    happened("ready");
  } else if (news.is === "zipped") zip.value = news.file;
  else if (news.is === "unzipped") zip.value = "impossible";
  else if (news.is === "forgotten") {
    files.value = [];
    zip.value = "none";
    history.replaceState({ saved: true }, "", location.pathname);
    happened("forgotten");
  } else if (news.is === "failure") failed(news);
  else if (news.is !== "alive") happened(news.is);
}

function failed({ why, wait }: Extract<News, { is: "failure" }>): void {
  revival.end();
  waitUntil.value = Date.now() + wait * 1000;
  if (why === "wrong_words") wordsTrouble.value = "wrong_words";
  const over = why === "withdrawn" && offer.value !== null && offer.value.expiresAt * 1000 < Date.now();
  happened(over ? "expired" : why);
}
