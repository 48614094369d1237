/** The day of a moment, in UTC, as the admin's day picker stores it: at noon, so that it is the same day nearly everywhere. */
export const dayOf = (moment: number | string): string =>
  `${new Date(moment).toISOString().slice(0, 10)}T12:00:00.000Z`;
