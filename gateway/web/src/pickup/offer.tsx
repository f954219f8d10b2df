/** What is waiting: who sends it, what it is, until when; one large button. */
import type { ComponentChildren, JSX } from "preact";
import { Disclosure, Heading } from "../looks/shell.tsx";
import { shown } from "../looks/shown.ts";
import { t } from "../texts/texts.ts";
import { instant, size } from "../texts/wording.ts";
import type { Offer, Offered } from "../work/messages.ts";
import { fetchAll } from "./flow.ts";
import { Help, Notice } from "./parts.tsx";

export function OfferCard({ offer }: { offer: Offer }): JSX.Element {
  const count = offer.files.length;
  return (
    <>
      <Heading>{t("offer", { sender: offer.sender, count })}</Heading>
      <Notice />
      <div class="card">
        <dl>
          <Fact name={t("from")} value={`${offer.sender}, ${offer.practice}`} />
          <Fact name={t("until")} value={t("until_zone", { until: instant(offer.expiresAt) })} />
          <Fact name={t("size")} value={size(offer.files.reduce((sum, file) => sum + file.size, 0))} />
          {!offer.begun && <Fact name={t("left")} value={t("times", { count: offer.left })} />}
        </dl>
        {offer.note !== "" && (
          <figure class="note">
            <figcaption>{t("note", { sender: offer.sender })}</figcaption>
            <blockquote>{offer.note}</blockquote>
          </figure>
        )}
        {count > 0 && (
          <>
            <button type="button" class="main" onClick={fetchAll}>
              {offer.begun ? t("go_on") : t("fetch", { count })}
            </button>
            <p class="quiet">{offer.fleeting ? t("fleeting") : offer.begun ? t("begun") : t("counts")}</p>
          </>
        )}
        <h2>{t("files")}</h2>
        <Folded count={count} summary={t("names", { count })}>
          <Files files={offer.files} />
        </Folded>
        {offer.missing > 0 && <p class="quiet">{t("missing", { count: offer.missing })}</p>}
      </div>
      <p class="lock">{t("private")}</p>
      <Fingerprint root={offer.root} practice={offer.practice} />
      <Help />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** A list that would put everything else out of sight is shown when she asks for it. */
export function Folded({ count, summary, children }: { count: number; summary: string; children: ComponentChildren }): JSX.Element {
  return count > 6 ? <Disclosure summary={summary}>{children}</Disclosure> : <>{children}</>;
}

function Files({ files }: { files: readonly Offered[] }): JSX.Element {
  return (
    <ul class="files">
      {files.map(({ document, path, size: bytes }) => (
        <li key={document}>
          <Badge path={path} />
          <Name path={path} />
          <span class="quiet">{size(bytes)}</span>
        </li>
      ))}
    </ul>
  );
}

/** A file's name, its folder small above it. */
export function Name({ path }: { path: string }): JSX.Element {
  const cut = path.lastIndexOf("/") + 1;
  return (
    <span class="name">
      {cut > 0 && <span class="folder">{path.slice(0, cut)}</span>}
      {path.slice(cut)}
    </span>
  );
}

/** The kind of a file, by the end of its name; for the eye alone. */
export function Badge({ path }: { path: string }): JSX.Element {
  const end = /\.([a-z0-9]{1,4})$/i.exec(path)?.[1] ?? "";
  return (
    <span class="badge" aria-hidden="true">
      {end.toUpperCase()}
    </span>
  );
}

/** Six words by which the practice is known; the list of words comes when they are asked for. */
const words = shown("");

function Fingerprint({ root, practice }: { root: Uint8Array; practice: string }): JSX.Element {
  const show = async (): Promise<void> => {
    const { fingerprint } = await import("../crypto/keys/words.ts");
    words.value = await fingerprint(root);
  };
  return (
    <Disclosure summary={t("sure", { practice })} onOpen={() => void show()}>
      <p>{t("sure_how")}</p>
      <p class="words" lang="nl">
        {words.value}
      </p>
    </Disclosure>
  );
}
