/** The storages for browsers without a private disk. */
export { openDatabase } from "./database.ts";
export { openMemory } from "./memory.ts";
