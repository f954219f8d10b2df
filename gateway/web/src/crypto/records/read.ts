/** Readers for the fields of something parsed; a refusal names the field. */
import { type Bytes, isHex, utf8 } from "../bytes.ts";
import { refuse } from "../refusal.ts";
import { type Fields, type Value, fromBase64url, isFields, parseInstant } from "./encoding.ts";

/** A text of 1 to `limit` bytes of UTF-8. */
export function text(fields: Fields, name: string, limit = 1000): string {
  return asText(fields[name], limit) ?? refuse(`field ${name} must be a text of 1 to ${limit} bytes`);
}

/** As `text`, or empty. */
export const possiblyEmpty = (fields: Fields, name: string, limit: number): string =>
  fields[name] === "" ? "" : text(fields, name, limit);

export function oneOf<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  return choices.find((choice) => choice === fields[name]) ?? refuse(`field ${name} must be one of ${choices.join(", ")}`);
}

/** A word of an open set: one that is not known here is read all the same, and gives nobody a right. */
export function word(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" && /^[a-z0-9_]{1,32}$/.test(value) ? value : refuse(`field ${name} must be a word`);
}

export const integer = (fields: Fields, name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number =>
  asInteger(fields[name], least, most) ?? refuse(`field ${name} must be a whole number from ${least} to ${most}`);

export function boolean(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === "boolean" ? value : refuse(`field ${name} must be true or false`);
}

/** An id: 16 bytes of hex. */
export const identifier = (fields: Fields, name: string): string => hexadecimal(fields, name, 16);

/** A SHA-256: 32 bytes of hex. */
export const digest = (fields: Fields, name: string): string => hexadecimal(fields, name, 32);

/** As `digest`, or null; what is absent is null. */
export const possiblyNull = (fields: Fields, name: string): string | null =>
  fields[name] === undefined || fields[name] === null ? null : digest(fields, name);

/** Bytes as base64url, of exactly `size` where it is given. */
export function octets(fields: Fields, name: string, size?: number): Bytes {
  const value = fields[name];
  if (typeof value !== "string") return refuse(`field ${name} must be base64url`);
  const bytes = fromBase64url(value);
  return size === undefined || bytes.length === size ? bytes : refuse(`field ${name} must be ${size} bytes`);
}

/** Seconds since 1970. */
export function instant(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === "string" ? parseInstant(value) : refuse(`field ${name} must be an instant`);
}

export function mapping(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isFields(value) ? value : refuse(`field ${name} must be an object`);
}

/** A list of `least` to `most` members. */
export function items(fields: Fields, name: string, most: number, least = 0): readonly Value[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length < least || value.length > most) return refuse(`field ${name} must be a list`);
  return value;
}

/** A list of objects. */
export const objects = (fields: Fields, name: string, most: number, least = 0): readonly Fields[] =>
  items(fields, name, most, least).map((value) => (isFields(value) ? value : refuse(`${name} must hold objects`)));

export function asText(value: unknown, limit: number): string | null {
  if (typeof value !== "string" || value === "") return null;
  return utf8(value).length <= limit ? value : null;
}

export const asInteger = (value: unknown, least: number, most: number): number | null =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most ? value : null;

function hexadecimal(fields: Fields, name: string, size: number): string {
  const value = fields[name];
  return isHex(value, size) ? value : refuse(`field ${name} must be ${2 * size} lower-case hex digits`);
}
