export { default } from "../../../../vault/texts/en.json?home_page";
