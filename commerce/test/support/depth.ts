/** The deep tier runs the full numbers; the suite that everybody runs, some of them. */
export const DEEP = process.env.SOULSEER_TESTS === 'deep';
