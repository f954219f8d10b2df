/** The texts of the first page. */
import { say } from "./texts.ts";

type Key = keyof (typeof import("./home_nl.ts"))["default"];

export const HOME_TEXTS = {
  nl: async () => (await import("./home_nl.ts")).default,
  en: async () => (await import("./home_en.ts")).default,
};

/** The text of a key of the first page's room. */
export const home = (key: Key, values: Readonly<Record<string, string | number>> = {}): string => say("home", key, values);
