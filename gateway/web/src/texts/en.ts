export { home_page, pickup_page } from "../../../../vault/texts/en.json";
