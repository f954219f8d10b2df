export { default } from "../../../../vault/texts/nl.json?home_page";
