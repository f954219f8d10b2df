export { default } from "../../../../vault/texts/en.json?pickup_page";
