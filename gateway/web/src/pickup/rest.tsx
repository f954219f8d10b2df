/** The states after the first look, fetched while the offer is read. */
import type { JSX } from "preact";
import { Heading } from "../looks/shell.tsx";
import { t } from "../texts/texts.ts";
import { instant, size } from "../texts/wording.ts";
import { Asking, Incomplete, Pausing } from "./asking.tsx";
import { offer, retry } from "./flow.ts";
import { Ending, Help } from "./parts.tsx";
import { Ready } from "./ready.tsx";
import type { State } from "./states.ts";
import { Stopped, UnderWay } from "./under_way.tsx";

/** What is shown in states that are not of the first look. */
export type Rest = Exclude<State, "reading" | "offer" | "offline" | "unsupported">;

const AGAIN = { label: "", do: retry };

export function Shown({ state: shown }: { state: Rest }): JSX.Element {
  const found = offer.value, sender = found?.sender ?? t("from"), again = { ...AGAIN, label: t("retry") };
  switch (shown) {
    case "asking":
    case "stretching":
      return <Asking busy={shown === "stretching"} />;
    case "incomplete":
      return <Incomplete />;
    case "pausing":
      return <Pausing />;
    case "fetching":
    case "waiting":
      return <UnderWay waiting={shown === "waiting"} />;
    case "stopped":
      return <Stopped />;
    case "ready":
      return <Ready />;
    case "saved":
      return <Saved />;
    case "gone":
      return <Gone />;
    case "expired":
      return <Ending title={t("expired")}><p>{t("expired_why", { sender, until: instant(found?.expiresAt ?? 0) })}</p></Ending>;
    case "withdrawn":
      return <Ending title={t("withdrawn")}><p>{t("withdrawn_why", { sender })}</p></Ending>;
    case "repairing":
      return <Ending title={t("repairing")} act={again}><p>{t("repairing_why", { whom: found?.sender ?? t("practice") })}</p></Ending>;
    case "full": {
      const needed = found?.files.reduce((sum, file) => sum + file.size, 0) ?? 0;
      return <Ending title={t("full")} act={again}><p>{t("full_why", { size: size(needed) })}</p></Ending>;
    }
    case "damaged":
    case "odd":
    case "busy":
      return <Ending title={t(shown)} act={again}><p>{t(`${shown}_why`)}</p></Ending>;
    case "failed":
      return <Ending title={t("failed")}><p>{t("failed_why")}</p></Ending>;
  }
}

function Gone(): JSX.Element {
  return (
    <>
      <Heading>{t("gone")}</Heading>
      <div class="card">
        <p>{t("gone_why")}</p>
        <ul>
          <li>{t("gone_expired")}</li>
          <li>{t("gone_withdrawn")}</li>
          <li>{t("gone_used")}</li>
          <li>{t("gone_cut")}</li>
        </ul>
        <p>{t("gone_how")}</p>
      </div>
      <Help />
    </>
  );
}

function Saved(): JSX.Element {
  return (
    <>
      <Heading>{t("saved")}</Heading>
      <div class="card">
        <p>{t("saved_why")}</p>
        <p class="quiet">{t("saved_again")}</p>
      </div>
    </>
  );
}
