/** The day of destruction (FORMAT.md, "Forgetting", Term): days alone, no table of time zones. */
import { parseDay, parseInstant } from "../records/encoding.ts";

/** How far apart the clocks of two honest parties may be, in seconds. */
export const CLOCK_SLACK = 300;

const LAST = "2999-12-31";
const DAY = 86_400, GRACE = 30 * DAY, CLOCKS_APART = DAY;

/** A trajectory and its term. */
export interface Term {
  /** Null while it is open. */
  readonly end: string | null;
  /** Null for a dossier of a kind that no policy gives a term: it is never due. */
  readonly months: number | null;
  /** When its record was signed: the dossier stays for 30 days after it, so that a wrong day can be noticed. */
  readonly at: number;
  readonly grace: boolean;
}

const pad = (number: number, digits: number): string => String(number).padStart(digits, "0");
const spelled = (days: number): string => new Date(days * DAY * 1000).toISOString().slice(0, 10);

/** The same date that many months on; where the month is shorter, its last day; null beyond the days there are. */
export function addMonths(text: string, months: number): string | null {
  parseDay(text);
  const count = Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1 + months;
  const year = Math.floor(count / 12), month = count % 12;
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = `${pad(year, 4)}-${pad(month + 1, 2)}-${pad(Math.min(Number(text.slice(8)), length), 2)}`;
  return day <= LAST ? day : null;
}

function due({ end, months, at, grace }: Term): string | null {
  const day = end === null || months === null ? null : addMonths(end, months);
  if (!grace || day === null) return day;
  const earliest = spelled(Math.ceil((at + GRACE) / DAY));
  if (earliest > LAST) return null;
  return earliest > day ? earliest : day;
}

/** The day of destruction; null while a trajectory has no end, or where there is none. */
export function destroyOn(terms: readonly Term[]): string | null {
  const days = terms.map(due).filter((day) => day !== null);
  return days.length === terms.length ? (days.sort().at(-1) ?? null) : null;
}

export const startOf = (day: string): string => `${day}T00:00:00Z`;

/** Whether a server whose clock says `now` takes a record that states `end`. */
export const ending = (end: string | null, at: string, now: string): "allowed" | "clock_wrong" =>
  end === null || Math.abs(parseInstant(at) - parseInstant(now)) <= CLOCKS_APART ? "allowed" : "clock_wrong";
