/** Moments, sizes and durations in words, as the command line says them; times are those of the Netherlands. */
import { type Language, language } from "./texts.ts";

const LOCALES: Record<Language, string> = { nl: "nl-NL", en: "en-GB" };
const UNITS = ["kB", "MB", "GB", "TB"];

/** `vrijdag 4 december 2026, 17:00`. */
export function instant(seconds: number): string {
  const format = new Intl.DateTimeFormat(LOCALES[language.value], {
    weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/Amsterdam",
  });
  const part = Object.fromEntries(format.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  return `${part["weekday"]} ${part["day"]} ${part["month"]} ${part["year"]}, ${part["hour"]}:${part["minute"]}`;
}

/** `12 bytes`, `1,5 MB`: decimal units, as file managers have them. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  let power = 1;
  while (power < UNITS.length && bytes / 1000 ** power >= 999.95) power += 1;
  const shown = (bytes / 1000 ** power).toFixed(1);
  return `${language.value === "nl" ? shown.replace(".", ",") : shown} ${UNITS[power - 1]}`;
}

/** `40 seconden`, `3 minuten`, `2 uur`: as exact as anybody wants it. */
export function duration(seconds: number): string {
  const [unit, count] = seconds < 90 ? ["second", seconds] as const : seconds < 5400 ? ["minute", seconds / 60] as const : ["hour", seconds / 3600] as const;
  const format = new Intl.NumberFormat(LOCALES[language.value], { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.max(1, Math.round(count)));
}
