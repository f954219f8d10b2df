/** The texts in two languages, the same files as the command line's, and the language they are shown in. */
import { signal } from "@preact/signals";

type Catalogue = typeof import("./nl.ts");

export type Language = "nl" | "en";
type Room = Record<string, string | { one: string; other: string }>;
type Values = Readonly<Record<string, string | number>>;

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: "nl", name: "Nederlands" },
  { code: "en", name: "English" },
];

const KEPT = "language";
const loaders: Record<Language, () => Promise<Catalogue>> = { nl: () => import("./nl.ts"), en: () => import("./en.ts") };
const catalogue = signal<Catalogue | null>(null);

export const language = signal<Language>(first());

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

/** Fetches the texts; a page is shown once they are here. */
export async function loadTexts(): Promise<void> {
  catalogue.value = await loaders[language.value]();
  document.documentElement.lang = language.value;
}

export async function speak(chosen: Language): Promise<void> {
  const found = await loaders[chosen]();
  [language.value, catalogue.value] = [chosen, found];
  document.documentElement.lang = chosen;
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // kept for this page alone
  }
}

/** The text of a key of the pick-up's room. */
export const t = (key: keyof Catalogue["pickup_page"], values: Values = {}): string =>
  text(catalogue.value?.pickup_page ?? {}, key, values);

/** The text of a key of the first page's room. */
export const home = (key: keyof Catalogue["home_page"], values: Values = {}): string =>
  text(catalogue.value?.home_page ?? {}, key, values);

function text(room: Room, key: string, values: Values): string {
  const found = room[key] ?? key;
  const chosen = typeof found === "string" ? found : values["count"] === 1 ? found.one : found.other;
  return chosen.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}
