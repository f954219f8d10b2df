import "../looks/looks.css";
import { render } from "preact";
import { loadPractice } from "../practice.ts";
import { loadTexts } from "../texts/texts.ts";
import { begin } from "./flow.ts";
import { baseOf } from "./link_here.ts";
import { Page } from "./page.tsx";

begin();
await loadTexts();
const place = document.getElementById("page");
if (place !== null) {
  place.replaceChildren();
  render(<Page />, place);
}
void loadPractice(baseOf(new URL(location.href)));
addEventListener("hashchange", () => location.reload());
