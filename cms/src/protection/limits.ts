import { type Db, rowsOf, sql } from '../database/sql.ts';

export type Limit = { name: string; most: number; seconds: number };

/** Counted in the database, so that they hold over all nodes. */
export const LIMITS = {
  /** Setting out to sign in and coming back, for one network address. */
  signIn: { name: 'sign-in', most: 60, seconds: 60 },
  /** Calls of our own programs with a wrong signature, for one network address. */
  wrongSignature: { name: 'wrong-signature', most: 60, seconds: 60 },
  /** Asking about people, for one program: thousands of first sign-ins a minute are fine. */
  service: { name: 'service', most: 12_000, seconds: 60 },
  /** Sending an application, for one person: pictures take work. */
  apply: { name: 'apply', most: 10, seconds: 3_600 },
  /** Writing and changing reviews, for one person. */
  review: { name: 'review', most: 60, seconds: 3_600 },
  /** Flagging what others wrote, for one person. */
  flag: { name: 'flag', most: 30, seconds: 3_600 },
  /** Refusals that go into the audit log, for one network address: a flood of them says nothing more. */
  audit: { name: 'audit', most: 30, seconds: 60 },
} as const satisfies Record<string, Limit>;

/** Counts one more. @returns how many seconds to wait when that is too many, else nothing. */
export async function overLimit(
  db: Db,
  { name, most, seconds }: Limit,
  whose: string,
): Promise<number | undefined> {
  const [row] = await rowsOf<{ count: number; wait: number }>(
    db,
    sql`insert into rate_limits as present (key, count, ends_at)
        values (${`${name}:${whose}`.slice(0, 200)}, 1, now() + make_interval(secs => ${seconds}))
        on conflict (key) do update
        set count = case when present.ends_at <= now() then 1 else present.count + 1 end,
            ends_at = case when present.ends_at <= now() then excluded.ends_at else present.ends_at end
        returning count, ceil(extract(epoch from ends_at - now()))::int as wait`,
  );
  return row && row.count > most ? Math.max(1, row.wait) : undefined;
}

/** Forgets what has ended. */
export async function sweepLimits(db: Db): Promise<void> {
  await db.execute(sql`delete from rate_limits where ends_at < now()`);
}
