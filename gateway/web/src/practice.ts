/** The practice as its server shows it: name, colour and logo (`/practice.json`). Shown, and trusted with nothing. */
import { shown } from "./looks/shown.ts";

export interface Practice {
  readonly name: string;
  readonly colour: string | null;
  readonly logo: string | null;
  readonly trial: boolean;
}

export const practice = shown<Practice>({ name: "", colour: null, logo: null, trial: false });

/** Asks once; without an answer the page goes on without it. */
export async function loadPractice(base: string): Promise<void> {
  try {
    const answer: unknown = await (await fetch(`${base}/practice.json`, { credentials: "omit", redirect: "error" })).json();
    const said = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
    const text = (name: string): string | null => (typeof said[name] === "string" ? said[name].slice(0, 200) : null);
    const logo = text("logo");
    practice.value = {
      name: text("name") ?? "",
      colour: text("colour"),
      logo: logo !== null && /^logo\.[0-9a-f]{8,64}$/.test(logo) ? `${base}/${logo}` : null,
      trial: said["trial"] === true,
    };
    if (practice.value.colour !== null) paint((await import("./looks/accent.ts")).accents(practice.value.colour));
  } catch {
    // A page without a name is better than none.
  }
}

function paint(found: { light: string; dark: string } | null): void {
  if (found === null) return;
  const style = document.documentElement.style;
  style.setProperty("--accent-light", found.light);
  style.setProperty("--accent-dark", found.dark);
}
