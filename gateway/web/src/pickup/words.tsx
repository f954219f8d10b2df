/** Typing words: forgiven capitals, dashes and slips; a word that is none is named before it costs a try. */
import type { JSX, TargetedInputEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../texts/texts.ts";
import { typed, wordsTrouble } from "./flow.ts";

type Words = typeof import("../crypto/keys/words.ts");

export function WordsForm({ locator, busy }: { locator: boolean; busy: boolean }): JSX.Element {
  const total = locator ? 7 : 6, name = locator ? "seven" : "words";
  const [text, setText] = useState(""), [words, setWords] = useState<Words | null>(null);
  useEffect(() => void import("../crypto/keys/words.ts").then(setWords), []);
  const count = words?.split(text).length ?? 0;
  // The word that is being typed is left alone.
  const finished = /[\s-]$/.test(text) || count >= total ? text : text.replace(/\S+$/, "");
  const unknown = words?.unlisted(finished)[0];
  const trouble = unknown === undefined ? wordsTrouble.value : "";
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!busy && text.trim() !== "") void typed(text, locator);
  };
  const change = (event: TargetedInputEvent<HTMLTextAreaElement>): void => {
    wordsTrouble.value = "";
    setText(event.currentTarget.value);
  };
  return (
    <form onSubmit={submit}>
      <label for={name}>{t(name)}</label>
      <textarea
        id={name} rows={2} value={text} onInput={change} autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck={false}
        aria-describedby={`${name}-told`} aria-invalid={trouble !== "" || unknown !== undefined} disabled={busy} lang="nl" enterkeyhint="go"
        onKeyDown={(event) => event.key === "Enter" && (event.preventDefault(), event.currentTarget.form?.requestSubmit())}
      />
      <p id={`${name}-told`} role="status" class={trouble !== "" || unknown !== undefined ? "wrong" : "quiet"}>
        {unknown !== undefined ? t("unknown_word", { position: unknown }) : trouble !== "" ? t(trouble) : t("so_many", { count, total })}
      </p>
      <button type="submit" class="main" disabled={busy}>
        {busy ? t("stretching") : t("next")}
      </button>
    </form>
  );
}
