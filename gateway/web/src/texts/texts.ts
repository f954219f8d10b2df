/** The texts in two languages, the same files as the command line's, and the language they are shown in. */
import { shown } from "../looks/shown.ts";

export type Language = "nl" | "en";
type Room = Record<string, string | { one: string; other: string }>;
type Values = Readonly<Record<string, string | number>>;
type Fetched = Readonly<Record<Language, () => Promise<Room>>>;
type Key = keyof (typeof import("./nl.ts"))["default"] | keyof (typeof import("./states_nl.ts"))["default"];

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: "nl", name: "Nederlands" },
  { code: "en", name: "English" },
];

const KEPT = "language";
const rooms: [string, Fetched][] = [
  ["pickup", { nl: async () => (await import("./nl.ts")).default, en: async () => (await import("./en.ts")).default }],
];
const catalogue = shown<ReadonlyMap<string, Room>>(new Map());

export const language = shown<Language>(first());

/** As chosen before, else as the browser asks for first; Dutch when that is neither. */
function first(): Language {
  const asked = [kept(), ...navigator.languages].map((name) => name?.slice(0, 2).toLowerCase());
  return asked.find((name): name is Language => name === "nl" || name === "en") ?? "nl";
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null; // no storage in this window
  }
}

/** Fetches the texts, with more of a room where they are given; a page is shown once they are here. */
export async function loadTexts(room = "", more?: Fetched): Promise<void> {
  if (more !== undefined) rooms.push([room, more]);
  await show(wanted);
}

let wanted = language.value, turns = 0, latest = Promise.resolve();

/** The last one wins: a language may be chosen while more texts are on their way. */
function show(chosen: Language): Promise<void> {
  wanted = chosen;
  latest = fetchAll(chosen, (turns += 1));
  return latest;
}

async function fetchAll(chosen: Language, turn: number): Promise<void> {
  const found = new Map<string, Room>(), fetched = rooms.map(async ([name, of]) => [name, await of[chosen]()] as const);
  const all = await Promise.all(fetched);
  if (turn !== turns) return latest;
  for (const [name, texts] of all) found.set(name, { ...found.get(name), ...texts });
  [catalogue.value, language.value] = [found, chosen];
  document.documentElement.lang = chosen;
}

export async function speak(chosen: Language): Promise<void> {
  await show(chosen);
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // kept for this page alone
  }
}

/** The text of a key of the pick-up's room. */
export const t = (key: Key, values: Values = {}): string => say("pickup", key, values);

export function say(room: string, key: string, values: Values): string {
  const found = catalogue.value.get(room)?.[key] ?? key;
  const chosen = typeof found === "string" ? found : values["count"] === 1 ? found.one : found.other;
  return chosen.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}
