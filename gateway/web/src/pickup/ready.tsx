/** The files are here, whole and verified: saved each, all as one, or handed to another app. Nothing of them is shown. */
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Heading } from "../looks/shell.tsx";
import { t } from "../texts/texts.ts";
import { size } from "../texts/wording.ts";
import type { Saved } from "../work/messages.ts";
import { allSaved, files, forget, markSaved, offer, pack, savedPaths, zip } from "./flow.ts";
import { Badge, Folded, Name } from "./offer.tsx";
import { Help, Notice } from "./parts.tsx";
import { canShare } from "./surroundings.ts";

/** Never opened by the browser in this origin: bytes, whatever they are. */
const asBytes = (file: Blob): Blob => new Blob([file], { type: "application/octet-stream" });
const lastName = (path: string): string => path.split("/").at(-1) ?? path;

export function Ready(): JSX.Element {
  const found = files.value, count = found.length, missing = offer.value?.missing ?? 0;
  const [asked, setAsked] = useState(false);
  const done = (): void => (allSaved() || asked ? forget() : setAsked(true));
  return (
    <>
      <Heading>{t("ready", { count })}</Heading>
      <Notice />
      <div class="card">
        <p>{t("ready_why")}</p>
        {count > 1 && <Zip />}
        <Share files={found} />
        <Folded count={count} summary={t("each", { count })}>
          <ul class="files">
            {found.map((file) => (
              <SaveRow key={file.path} file={file} alone={count === 1} />
            ))}
          </ul>
        </Folded>
        {missing > 0 && <p class="quiet">{t("missing", { count: missing })}</p>}
      </div>
      <div class={`finish${allSaved() ? " card" : ""}${savedPaths.value.size > 0 ? " at-hand" : ""}`}>
        {asked && !allSaved() && (
          <p role="alert" class="wrong">
            {t("not_all")}
          </p>
        )}
        <button type="button" class={allSaved() ? "main" : ""} onClick={done}>
          {t("done")}
        </button>
      </div>
      <p class="quiet">
        {savedPaths.value.size > 0 && `${t("where")} `}
        {t("done_why")}
      </p>
      <Help />
    </>
  );
}

function SaveRow({ file, alone }: { file: Saved; alone: boolean }): JSX.Element {
  const address = useAddress(file.file), name = lastName(file.path);
  return (
    <li>
      <Badge path={file.path} />
      <Name path={file.path} />
      <span class="quiet">{savedPaths.value.has(file.path) ? t("was_saved") : size(file.size)}</span>
      <a class={alone ? "button main" : "button"} href={address ?? ""} download={name} aria-label={t("save_one", { name })} onClick={() => markSaved([file.path])}>
        {t("save")}
      </a>
    </li>
  );
}

function Zip(): JSX.Element {
  const packed = zip.value, name = zipName();
  const address = useAddress(packed instanceof Blob ? packed : null);
  const saved = (): void => markSaved(files.value.map(({ path }) => path));
  useEffect(() => {
    if (!(packed instanceof Blob) || address === undefined) return;
    const click = document.createElement("a");
    click.href = address;
    click.download = name;
    click.click();
    saved();
  }, [packed, address]);
  if (packed === "impossible") return <p class="quiet">{t("no_zip")}</p>;
  if (packed instanceof Blob) {
    return (
      <a class={allSaved() ? "button" : "button main"} href={address ?? ""} download={name} onClick={saved}>
        {t("save_zip")}
      </a>
    );
  }
  return (
    <button type="button" class="main" disabled={packed === "packing"} onClick={() => pack(name)}>
      {packed === "packing" ? t("zipping") : t("save_all")}
    </button>
  );
}

/** `De Brug 2026-12-04.zip`: found again in a folder of downloads. */
function zipName(): string {
  const name = (offer.value?.practice ?? "").replace(/[^\p{L}\p{N} ]+/gu, " ").trim().slice(0, 60);
  return `${name === "" ? "documenten" : name} ${new Date().toISOString().slice(0, 10)}.zip`;
}

function Share({ files: found }: { files: readonly Saved[] }): JSX.Element | null {
  const given = useMemo(() => found.map(({ path, file }) => new File([file], lastName(path), { type: file.type || "application/octet-stream" })), [found]);
  if (!canShare(given)) return null;
  const share = (): void =>
    void navigator.share({ files: given }).then(() => markSaved(found.map(({ path }) => path)), () => undefined);
  return (
    <button type="button" onClick={share}>
      {t("share")}
    </button>
  );
}

/** An address for a file, for as long as it is shown. */
function useAddress(file: Blob | null): string | undefined {
  const address = useMemo(() => (file === null ? undefined : URL.createObjectURL(asBytes(file))), [file]);
  useEffect(() => () => {
    if (address !== undefined) setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }, [address]);
  return address;
}
