export { home_page, pickup_page } from "../../../../vault/texts/nl.json";
