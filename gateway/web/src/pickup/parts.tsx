/** What several states show. */
import type { ComponentChildren, JSX } from "preact";
import { Disclosure, Heading } from "../looks/shell.tsx";
import { shown } from "../looks/shown.ts";
import { t } from "../texts/texts.ts";
import { link } from "./flow.ts";
import { spelled } from "./link_here.ts";
import { isWebview } from "./surroundings.ts";

/** Where the page is shown within another app: take the link to a browser. */
const copied = shown(false);

export function Notice(): JSX.Element | null {
  if (!isWebview(navigator.userAgent) || link.value === null) return null;
  const whole = spelled(link.value);
  const copy = (): void => void navigator.clipboard.writeText(whole).then(() => (copied.value = true), () => undefined);
  return (
    <section class="notice">
      <h2>{t("webview")}</h2>
      <p>{t("webview_why")}</p>
      <input readOnly value={whole} aria-label={t("paste")} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" onClick={copy}>
        {copied.value ? t("copied") : t("copy")}
      </button>
    </section>
  );
}

export function Help(): JSX.Element {
  return (
    <Disclosure summary={t("help")}>
      <ul>
        <li>{t("help_again")}</li>
        <li>{t("help_whole")}</li>
        <li>{t("help_ask")}</li>
        <li>{t("help_tool")}</li>
      </ul>
    </Disclosure>
  );
}

/** A quiet state: what happened, and what to do. */
export function Ending({ title, children, act }: { title: string; children: ComponentChildren; act?: { label: string; do: () => void } }): JSX.Element {
  return (
    <>
      <Heading>{title}</Heading>
      <div class="card">
        {children}
        {act !== undefined && (
          <button type="button" class="main" onClick={act.do}>
            {act.label}
          </button>
        )}
      </div>
      <Help />
    </>
  );
}
