import "../looks/looks.css";
import { render } from "preact";
import { drawBy } from "../looks/shown.ts";
import { loadPractice } from "../practice.ts";
import { loadTexts } from "../texts/texts.ts";
import { begin, state } from "./flow.ts";
import { baseOf } from "./link_here.ts";
import { Page, fetchStates, title } from "./page.tsx";

const texts = loadTexts();
begin();
await texts;
const place = document.getElementById("page");
if (place !== null) {
  place.replaceChildren();
  drawBy(() => {
    render(<Page />, place);
    document.title = title();
    if (state.value !== "reading") fetchStates();
  });
}
void loadPractice(baseOf(new URL(location.href)));
addEventListener("hashchange", () => location.reload());
