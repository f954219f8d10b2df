/** The first page of the address: whose it is, what it is, and where to go. */
import "../looks/looks.css";
import { type JSX, render } from "preact";
import { Disclosure, Heading, Shell } from "../looks/shell.tsx";
import { PasteLink } from "../looks/paste_link.tsx";
import { drawBy } from "../looks/shown.ts";
import { loadPractice, practice } from "../practice.ts";
import { wipe } from "../work/wiping.ts";
import { HOME_TEXTS, home } from "../texts/home.ts";
import { loadTexts } from "../texts/texts.ts";

const base = (location.origin + location.pathname).replace(/\/$/, "");

function Home(): JSX.Element {
  const { name } = practice.value;
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

await loadTexts("home", HOME_TEXTS);
const place = document.getElementById("page");
if (place !== null) {
  place.replaceChildren();
  drawBy(() => {
    render(<Home />, place);
    document.title = [home("title"), practice.value.name].filter((part) => part !== "").join(" · ");
  });
}
void loadPractice(base);
wipe();
