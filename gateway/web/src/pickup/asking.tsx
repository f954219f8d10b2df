/** Before anything is shown: words for a locked link, the rest of a cut one, or a pause after too many tries. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Disclosure, Heading } from "../looks/shell.tsx";
import { PasteLink } from "../looks/paste_link.tsx";
import { t } from "../texts/texts.ts";
import { duration } from "../texts/wording.ts";
import { link, reopen, waitUntil } from "./flow.ts";
import { baseOf } from "./link_here.ts";
import { Ending, Help, Notice } from "./parts.tsx";
import { WordsForm } from "./words.tsx";

export function Asking({ busy }: { busy: boolean }): JSX.Element {
  return (
    <>
      <Heading>{t("asking")}</Heading>
      <Notice />
      <div class="card">
        <p>
          {t("asking_why")} {t("asking_how")}
        </p>
        <WordsForm locator={false} busy={busy} />
      </div>
      <Help />
    </>
  );
}

export function Incomplete(): JSX.Element {
  return (
    <>
      <Heading>{t("incomplete")}</Heading>
      <div class="card">
        <p>{t("incomplete_why")}</p>
        <p>{t("incomplete_how")}</p>
        <PasteLink base={baseOf(new URL(location.href))} label={t("paste")} act={t("open")} refused={t("no_link")} rewritten={t("rewritten")} elsewhere={t("no_link")} />
      </div>
      {link.value !== null && (
        <Disclosure summary={t("have_seven")}>
          <WordsForm locator busy={false} />
        </Disclosure>
      )}
      <Help />
    </>
  );
}

export function Pausing(): JSX.Element {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.ceil((waitUntil.value - now) / 1000);
  useEffect(() => {
    if (left <= 0) reopen();
  }, [left <= 0]);
  return (
    <Ending title={t("pausing")}>
      <p>{t("pausing_why", { time: duration(Math.max(1, left)) })}</p>
    </Ending>
  );
}
