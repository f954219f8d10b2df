export { default } from "../../../../vault/texts/nl.json?pickup_states";
