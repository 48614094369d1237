/** The process is killed at random moments while it ticks. What is left is a ledger as if nothing had happened. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catchUp } from '../../src/billing/loop.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { DEEP } from '../support/depth.ts';
import { createMoney, type Money } from '../support/money.ts';

const KILLS = DEEP ? 200 : 20;
const SESSIONS = DEEP ? 300 : 150;
const SECONDS_A_KILL = 25;

let money: Money;
beforeAll(async () => {
  money = await createMoney();
});
afterAll(() => money.close());

test(
  `BIL-12: killed ${KILLS} times during ticks: not one minute twice, none lost`,
  async () => {
    const minutes = Math.ceil((KILLS * SECONDS_A_KILL) / 60) + 1;
    const sessions = await Promise.all(
      Array.from({ length: SESSIONS }, async () => {
        const [client, reader] = [await money.person(399 * (minutes + 5)), await money.person()];
        return money.session({ client, reader });
      }),
    );
    for (const [index, session] of sessions.entries()) await session.start(index / 20);
    // Virtual seconds: each child goes on from where the one before it was killed.
    let from = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = spawn(process.execPath, [join(import.meta.dirname, '../support/ticker.ts')], {
        env: { PATH: process.env['PATH'], DATABASE_URL: money.database.url, FROM_MS: String(money.at(from)) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      await pause(Math.random() * 60);
      child.kill('SIGKILL');
      await once(child, 'exit');
      from += SECONDS_A_KILL;
    }
    // Whatever the last killed child had sent goes through or not, before we look.
    await expect
      .poll(
        async () =>
          (await money.as('superuser', `select 1 from pg_stat_activity where application_name = 'ticker'`))
            .length,
        { timeout: 20_000 },
      )
      .toBe(0);

    const [latest] = await money.query<{ ms: string }>('select max(next_at_ms) as ms from meters');
    money.clock.set(Math.max(money.at(from), Number(latest?.ms)));
    expect((await catchUp(money.db, money.clock)).stuck).toEqual([]);
    const end = (money.clock.now() - money.at(0)) / 1_000;
    const unfinished = sessions.values();
    const finish = async () => {
      for (const session of unfinished) {
        await session.stop(end);
        const result = await session.finalise();
        expect(result).toMatchObject({ given_back: [], missing_minutes: 0 });
        expect(result.charged_minutes).toBe(result.owed_minutes);
      }
    };
    await Promise.all([finish(), finish(), finish(), finish()]);
    const [twice] = await money.query<{ n: string }>(`
    select count(*) as n from meters m where (select count(*) from transfers t where t.key like 'session:' || m.session_id || ':minute:%') <> m.paid_minutes`);
    expect(Number(twice?.n)).toBe(0);
    expect((await verifyLedger(money.db)).findings).toEqual([]);
  },
  DEEP ? 3_600_000 : 300_000,
);
