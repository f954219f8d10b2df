/** Readers for the fields of something parsed; a refusal names the field. */
import { type Bytes, isHex, utf8 } from "../bytes.ts";
import { refuse } from "../refusal.ts";
import { type Fields, type Value, fromBase64url, isFields, parseDay, parseInstant } from "./encoding.ts";

/** A text of 1 to `limit` bytes of UTF-8. */
export function text(fields: Fields, name: string, limit = 1000): string {
  return asText(fields[name], limit) ?? wrong(name, `a text of 1 to ${limit} bytes`);
}

/** As `text`, or empty. */
export const possiblyEmpty = (fields: Fields, name: string, limit: number): string =>
  fields[name] === "" ? "" : text(fields, name, limit);

export function oneOf<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === fields[name]) ?? wrong(name, `one of ${choices.join(", ")}`);
}

/** A word of an open set: one that is not known here is read all the same, and gives nobody a right. */
export function word(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" && /^[a-z0-9_]{1,32}$/.test(value) ? value : wrong(name, "a word");
}

export const integer = (fields: Fields, name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number =>
  asInteger(fields[name], least, most) ?? wrong(name, `a whole number from ${least} to ${most}`);

export function boolean(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === "boolean" ? value : wrong(name, "true or false");
}

/** An id: 16 bytes of hex. */
export const identifier = (fields: Fields, name: string): string => hexadecimal(fields, name, 16);

/** A SHA-256: 32 bytes of hex. */
export const digest = (fields: Fields, name: string): string => hexadecimal(fields, name, 32);

/** What a reader gives, or null; what is absent is null. */
export const possibly = <T>(reader: (fields: Fields, name: string) => T, fields: Fields, name: string): T | null =>
  fields[name] === undefined || fields[name] === null ? null : reader(fields, name);

/** As `digest`, or null. */
export const possiblyNull = (fields: Fields, name: string): string | null => possibly(digest, fields, name);

/** Bytes as base64url, of exactly `size` where it is given. */
export function octets(fields: Fields, name: string, size?: number): Bytes {
  const value = fields[name];
  if (typeof value !== "string") return wrong(name, "base64url");
  const bytes = fromBase64url(value);
  return size === undefined || bytes.length === size ? bytes : wrong(name, `${size} bytes`);
}

/** Seconds since 1970. */
export function instant(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === "string" ? parseInstant(value) : wrong(name, "an instant");
}

/** A calendar day as it is spelled: such texts stand in the order of their days. */
export function day(fields: Fields, name: string): string {
  const value = text(fields, name);
  parseDay(value);
  return value;
}

export function mapping(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isFields(value) ? value : wrong(name, "an object");
}

/** Refuses an object with other members than these. */
export function only(fields: Fields, ...names: readonly string[]): void {
  if (Object.keys(fields).length !== names.length || !names.every((name) => name in fields)) refuse("other members than it may have");
}

/** A list of `least` to `most` members. */
export function items(fields: Fields, name: string, most: number, least = 0): readonly Value[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length < least || value.length > most) return wrong(name, "a list");
  return value;
}

/** A list of objects. */
export const objects = (fields: Fields, name: string, most: number, least = 0): readonly Fields[] =>
  items(fields, name, most, least).map((value) => (isFields(value) ? value : wrong(name, "objects")));

/** A list of hex texts of `size` bytes, ascending, each once: a set has one spelling. */
export const hexadecimals = (fields: Fields, name: string, size: number, most: number, least = 0): readonly string[] =>
  ascending(name, items(fields, name, most, least).map((value) => hexadecimal({ [name]: value }, name, size)), itself);

/** The same list, where its keys ascend and none stands twice. */
export const ascending = <T>(name: string, found: readonly T[], key: (one: T) => string): readonly T[] =>
  found.every((one, place) => place === 0 || key(found[place - 1] as T) < key(one)) ? found : wrong(name, "ascending");

/** The same list, where no key stands twice. */
export const distinct = <T>(name: string, found: readonly T[], key: (one: T) => string): readonly T[] =>
  new Set(found.map(key)).size === found.length ? found : wrong(name, "without a double");

export const itself = (text: string): string => text;

export function asText(value: unknown, limit: number): string | null {
  if (typeof value !== "string" || value === "") return null;
  return utf8(value).length <= limit ? value : null;
}

export const asInteger = (value: unknown, least: number, most: number): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most ? value : null;

function wrong(name: string, form: string): never {
  return refuse(`${name} must be ${form}`);
}

function hexadecimal(fields: Fields, name: string, size: number): string {
  const value = fields[name];
  return isHex(value, size) ? value : wrong(name, `${2 * size} lower-case hex digits`);
}
