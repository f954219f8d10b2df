/** The pick-up page: one state at a time; those after the first look are fetched while it is read. */
import type { JSX } from "preact";
import { later } from "../later.ts";
import { Shell } from "../looks/shell.tsx";
import { shown as held } from "../looks/shown.ts";
import { practice } from "../practice.ts";
import { loadTexts, t } from "../texts/texts.ts";
import { offer, retry, state } from "./flow.ts";
import { OfferCard } from "./offer.tsx";
import { Ending } from "./parts.tsx";
import type { State } from "./states.ts";

const TEXTS = {
  nl: async () => (await import("../texts/states_nl.ts")).default,
  en: async () => (await import("../texts/states_en.ts")).default,
};
const fetchRest = later(async () => (await Promise.all([import("./rest.tsx"), loadTexts("pickup", TEXTS)]))[0]);
const rest = held<typeof import("./rest.tsx") | "missing" | null>(null);

const nameOf = (): string => offer.value?.practice ?? practice.value.name;

/** The title of the window. */
export const title = (): string => [t("title"), nameOf()].filter((part) => part !== "").join(" · ");

/** Once the first look has its end; asked for again where it did not come. */
export function fetchStates(): void {
  fetchRest().then((found) => (rest.value = found), () => (rest.value ??= "missing"));
}

export function Page(): JSX.Element {
  const shown = state.value;
  return (
    <Shell name={nameOf()}>
      <Shown state={shown} key={shown === "waiting" ? "fetching" : shown === "stretching" ? "asking" : shown} />
    </Shell>
  );
}

function Shown({ state: shown }: { state: State }): JSX.Element {
  const found = rest.value;
  if (shown === "offer" && offer.value !== null) return <OfferCard offer={offer.value} />;
  if (shown === "unsupported") return <Ending title={t("unsupported")}><p>{t("unsupported_why")}</p></Ending>;
  if (shown === "offline") return <Offline act={retry} />;
  if (shown === "reading" || shown === "offer" || found === null) return <p class="reading" role="status">{t("reading")}</p>;
  if (found === "missing") return <Offline act={() => location.reload()} />;
  return <found.Shown state={shown} />;
}

function Offline({ act }: { act: () => void }): JSX.Element {
  return <Ending title={t("offline")} act={{ label: t("retry"), do: act }}><p>{t("offline_why")}</p></Ending>;
}
