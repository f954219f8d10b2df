/** The first page of the address: whose it is, what it is, and where to go. */
import "../looks/looks.css";
import { type JSX, render } from "preact";
import { useEffect } from "preact/hooks";
import { Disclosure, Heading, Shell } from "../looks/shell.tsx";
import { PasteLink } from "../looks/paste_link.tsx";
import { loadPractice, practice } from "../practice.ts";
import { wipe } from "../work/wiping.ts";
import { home, language, loadTexts } from "../texts/texts.ts";

const base = (location.origin + location.pathname).replace(/\/$/, "");

function Home(): JSX.Element {
  const { name } = practice.value;
  useEffect(() => {
    document.title = name === "" ? home("title") : `${home("title")} · ${name}`;
  }, [name, language.value]);
  return (
    <Shell name={name}>
      <Heading quiet>{name === "" ? home("nobody") : home("of", { practice: name })}</Heading>
      <div class="card">
        <p>{home("what")}</p>
        <PasteLink base={base} label={home("paste")} act={home("go")} refused={home("no_link")} rewritten={home("rewritten")} elsewhere={home("elsewhere")} />
      </div>
      <Disclosure summary={home("none")}>
        <p>{home("none_then")}</p>
      </Disclosure>
      <Disclosure summary={home("staff")}>
        <p>{home("staff_then")}</p>
      </Disclosure>
    </Shell>
  );
}

await loadTexts();
const place = document.getElementById("page");
if (place !== null) {
  place.replaceChildren();
  render(<Home />, place);
}
void loadPractice(base);
wipe();
