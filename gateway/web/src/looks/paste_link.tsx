/** A field for a link, as mail delivered it; one of this address is opened. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Refusal } from "../crypto/refusal.ts";
import { type Link, parseLink } from "../crypto/shares/links.ts";
import { spelled } from "../pickup/link_here.ts";

interface Props {
  readonly base: string;
  readonly label: string;
  readonly act: string;
  readonly refused: string;
  readonly rewritten: string;
  readonly elsewhere: string;
}

export function PasteLink({ base, label, act, refused, rewritten, elsewhere }: Props): JSX.Element {
  const [text, setText] = useState(""), [told, setTold] = useState("");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const found = read(text);
    if (found === "link_rewritten") return setTold(rewritten);
    if (typeof found === "string" || found.secret === null) return setTold(refused);
    if (found.base !== base) return setTold(elsewhere);
    location.assign(spelled(found));
    if (location.pathname === new URL(spelled(found)).pathname) location.reload();
  };
  return (
    <form onSubmit={submit}>
      <label for="link">{label}</label>
      <textarea
        id="link" rows={3} value={text} autocomplete="off" autocapitalize="none" spellcheck={false} aria-describedby="link-told" aria-invalid={told !== ""}
        onInput={(event) => (setTold(""), setText(event.currentTarget.value))}
      />
      <p id="link-told" role="status" class="wrong">
        {told}
      </p>
      <button type="submit" class="main">
        {act}
      </button>
    </form>
  );
}

/** The link, or the word for why there is none. */
function read(text: string): Link | string {
  try {
    return parseLink(text);
  } catch (error) {
    if (error instanceof Refusal) return error.word;
    throw error;
  }
}
