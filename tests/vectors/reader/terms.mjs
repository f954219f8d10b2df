// FORMAT.md, Forgetting, Term: days alone, no table of time zones.
import { day as dayOf, instant } from "./fields.mjs";

const GRACE = 30 * 86_400, CLOCKS_APART = 86_400;
const pad = (number, digits) => String(number).padStart(digits, "0");

/** The text of a day that exists; null for none. */
function spelled(year, month, date) {
  const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}`;
  try {
    return dayOf(text) !== null ? text : null;
  } catch {
    return null;
  }
}

/** The same date that many months on; where the month is shorter, its last day; null beyond the days there are. */
export function addMonths(text, months) {
  dayOf(text);
  const [year, month, date] = text.split("-").map(Number);
  const count = year * 12 + month - 1 + months;
  for (let day = date; day > 27; day -= 1) {
    const found = spelled(Math.floor(count / 12), (count % 12) + 1, day);
    if (found !== null) return found;
  }
  return spelled(Math.floor(count / 12), (count % 12) + 1, date);
}

/** The day so many days after 1 January 1970; null beyond the days there are. */
function fromNumber(days) {
  if (days > dayOf("2999-12-31")) return null;
  let year = 1970 + Math.floor(days / 366);
  while (year < 2999 && dayOf(`${pad(year + 1, 4)}-01-01`) <= days) year += 1;
  let month = 12;
  while (dayOf(`${pad(year, 4)}-${pad(month, 2)}-01`) > days) month -= 1;
  return spelled(year, month, days - dayOf(`${pad(year, 4)}-${pad(month, 2)}-01`) + 1);
}

function due({ end, months, at, grace }) {
  const day = addMonths(end, months);
  if (!grace || day === null) return day;
  const earliest = fromNumber(Math.ceil((instant(at) + GRACE) / 86_400));
  return earliest === null || earliest > day ? earliest : day;
}

/** The day of destruction; null while a trajectory has no end, or where there is none. */
export function destroyOn(trajectories) {
  if (trajectories.length === 0 || trajectories.some(({ end }) => end === null)) return null;
  const days = trajectories.map(due);
  return days.includes(null) ? null : days.sort().at(-1);
}

export const startOf = (day) => `${day}T00:00:00Z`;

/** Whether a server takes a record with that end now. */
export function ending({ end, at, now }) {
  return end === null || Math.abs(instant(at) - instant(now)) <= CLOCKS_APART ? "allowed" : "clock_wrong";
}
