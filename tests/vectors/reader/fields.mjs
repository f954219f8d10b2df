// FORMAT.md, Basics: instants, days, integers, texts.
import { isHex, refuse, utf8 } from "./bytes.mjs";

const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const INSTANT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z$/;
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const leap = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** Days since 1 January 1970. */
export function day(text) {
  const [, year, month, date] = (typeof text === "string" && DAY.exec(text)) || refuse("no day");
  const [y, m, d] = [Number(year), Number(month), Number(date)];
  if (y < 1900 || y > 2999 || m < 1 || m > 12) refuse("no such year or month");
  if (d < 1 || d > LENGTHS[m - 1] + (m === 2 && leap(y) ? 1 : 0)) refuse("no such day");
  let days = d - 1;
  for (let before = 1900; before < y; before += 1) days += leap(before) ? 366 : 365;
  for (let before = 1; before < m; before += 1) days += LENGTHS[before - 1] + (before === 2 && leap(y) ? 1 : 0);
  return days - 25_567;
}

/** Seconds since 1 January 1970. */
export function instant(text) {
  const [, date, hour, minute, second] = (typeof text === "string" && INSTANT.exec(text)) || refuse("no instant");
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 59) refuse("no such time");
  return day(date) * 86_400 + h * 3600 + m * 60 + s;
}

export function integer(value, least = -Number.MAX_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER) {
  if (!Number.isSafeInteger(value) || value < least || value > most) refuse("no whole number within its bounds");
  return value;
}

export function text(value, limit) {
  if (typeof value !== "string") refuse("no text");
  const size = utf8(value).length;
  if (size < 1 || size > limit) refuse("a text of another size");
  return value;
}

export const id = (value) => (isHex(value, 16) ? value : refuse("no id"));
