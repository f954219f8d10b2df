/** A pick-up may go on for an hour after its last act; what is older in the storage is swept. */
export const RESUME = 3_600_000;
