/** While it comes: how much, how fast, how long still; it can be stopped, and goes on by itself. */
import type { JSX } from "preact";
import { Heading } from "../looks/shell.tsx";
import { t } from "../texts/texts.ts";
import { duration, size } from "../texts/wording.ts";
import { fetchAll, offer, progress, stop } from "./flow.ts";
import { Help } from "./parts.tsx";

export function UnderWay({ waiting }: { waiting: boolean }): JSX.Element {
  const { done, total, speed } = progress.value;
  const part = total === 0 ? 0 : Math.floor((100 * done) / total);
  return (
    <>
      <Heading>{waiting ? t("waiting") : t("fetching")}</Heading>
      <div class="card">
        <progress max={100} value={part} aria-label={t("fetching")} />
        <p class="amount">
          <span>{total > 0 && t("progress", { done: size(done), total: size(total) })}</span>
          <span class="quiet">{!waiting && speed !== null && t("pace", { speed: size(Math.round(speed)), left: duration((total - done) / speed) })}</span>
        </p>
        <p>{waiting ? t("waiting_why") : t("stay")}</p>
        <p class="unseen" role="status">
          {part >= 10 && t("percent", { count: part - (part % 10) })}
        </p>
        <button type="button" onClick={stop}>
          {t("stop")}
        </button>
      </div>
    </>
  );
}

export function Stopped(): JSX.Element {
  return (
    <>
      <Heading>{t("stopped")}</Heading>
      <div class="card">
        <p>{offer.value?.fleeting === true ? t("fleeting") : t("stopped_why")}</p>
        <button type="button" class="main" onClick={fetchAll}>
          {t("go_on")}
        </button>
      </div>
      <Help />
    </>
  );
}
