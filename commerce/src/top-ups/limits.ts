/** How much one top-up may be, in US cents. */
export const TOP_UP_LEAST_CENTS = 500;
export const TOP_UP_MOST_CENTS = 50_000;
/** The packs that a shop begins with; staff change them in the admin. */
export const FIRST_PACKS_CENTS = [1_000, 2_500, 5_000, 10_000] as const;
