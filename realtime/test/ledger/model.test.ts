/**
 * Sequences of commands by several people at once, against real Postgres and against a plain model, compared after each step:
 * sums zero, nothing negative that may not be, minutes and legs as the model says.
 */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raiseMaximum } from '../../src/billing/meters.ts';
import { closeDispute, failRefund, openDispute, postRefund, topUp } from '../../src/ledger/cards.ts';
import { budgetKeys } from '../../src/ledger/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { DEEP } from '../support/depth.ts';
import { createMoney, type Money, START, type TestSession } from '../support/money.ts';

const SEQUENCES = DEEP ? 5_000 : 300;
/** Databases side by side: each has a clock of its own. */
const LANES = 3;
const RATE = 100;

const person = fc.nat({ max: 1 });
const cents = fc.integer({ min: 1, max: 900 });
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('top_up' as const), who: person, cents }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hold' as const), who: person, cents }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('close_hold' as const), who: person, part: fc.nat({ max: 100 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('start' as const),
      who: person,
      maximum: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('tick' as const), seconds: fc.integer({ min: 0, max: 200 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pause' as const),
      who: person,
      lost: fc.integer({ min: 0, max: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('resume' as const), who: person }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('gift' as const),
      who: person,
      cents,
      times: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      who: person,
      cents: fc.integer({ min: 0, max: 3_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('maximum' as const),
      who: person,
      minutes: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refund' as const), who: person, cents }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('refunded_card' as const),
      who: person,
      cents,
      part: fc.integer({ min: 1, max: 100 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('order' as const),
      who: person,
      cents,
      part: fc.integer({ min: 1, max: 100 }),
      back: fc.nat({ max: 100 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('dispute' as const),
      who: person,
      cents,
      end: fc.constantFrom('open', 'won', 'lost'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('payout' as const), who: person }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take_back' as const), who: person }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      who: person,
      lost: fc.integer({ min: 0, max: 70 }),
    }),
  },
);
type Step = typeof command extends fc.Arbitrary<infer T> ? T : never;

interface ModelSession {
  real: TestSession;
  maximum: number;
  paid: number;
  active: number;
  since: number | null;
  stopped: boolean;
}

/** One client with a reader of their own, as the model has them. */
interface Pair {
  client: string;
  reader: string;
  wallet: number;
  debt: number;
  earnings: number;
  held: { id: string; cents: number }[];
  used: number;
  limit: number;
  gifts: { key: string; cents: number }[];
  session: ModelSession | undefined;
}

const owed = (ms: number) => (ms < 10_000 ? 0 : Math.ceil(ms / 60_000));
const share = (n: number, of = RATE) => Math.floor((n * of * 7_000 + 5_000) / 10_000);

/** Charges the model's session up to `now`, a minute at a time. */
function charge(pair: Pair, now: number): void {
  const session = pair.session;
  if (!session || session.since === null) return;
  const active = session.active + Math.max(0, now - session.since);
  while (owed(active) > session.paid) {
    const able = session.paid < session.maximum && pair.used + RATE <= pair.limit && pair.wallet >= RATE;
    if (!able) {
      session.active = session.paid === 0 ? 10_000 : session.paid * 60_000;
      session.since = null;
      session.stopped = true;
      return;
    }
    session.paid += 1;
    pair.wallet -= RATE;
    pair.used += RATE;
    pair.earnings += share(session.paid) - share(session.paid - 1);
  }
}

function halt(pair: Pair, until: number): void {
  charge(pair, until);
  const session = pair.session;
  if (!session || session.since === null) return;
  session.active += Math.max(0, until - session.since);
  session.since = null;
}

async function play(money: Money, steps: Step[]): Promise<void> {
  let seconds = 0;
  const ms = () => START + seconds * 1_000;
  money.clock.set(ms());
  const { ledger, db } = money;
  const inside = <T>(work: (tx: Parameters<typeof topUp>[0]) => Promise<T>) => db.transaction().execute(work);
  const pairs: Pair[] = [];
  for (let i = 0; i < 2; i += 1) {
    pairs.push({
      client: await money.person(),
      reader: await money.person(),
      wallet: 0,
      debt: 0,
      earnings: 0,
      held: [],
      used: 0,
      limit: Infinity,
      gifts: [],
      session: undefined,
    });
  }

  const finish = async (pair: Pair, lost: number) => {
    const session = pair.session;
    if (!session) return;
    const running = session.since !== null;
    const until = seconds - (running ? lost : 0);
    await session.real.stop(seconds, 'client', until);
    halt(pair, START + until * 1_000);
    const kept = Math.min(session.paid, owed(session.active));
    const result = await session.real.finalise();
    expect(result).toMatchObject({
      active_ms: session.active,
      charged_minutes: kept,
      given_back: Array.from({ length: session.paid - kept }, (_, i) => session.paid - i),
    });
    expect(await session.real.finalise()).toEqual(result);
    pair.wallet += (session.paid - kept) * RATE;
    pair.used -= (session.paid - kept) * RATE;
    pair.earnings -= share(session.paid) - share(kept);
    pair.session = undefined;
  };

  const act = async (step: Step): Promise<void> => {
    const pair = pairs['who' in step ? step.who : 0] as Pair;
    const account = `wallet:${pair.client}`;
    switch (step.do) {
      case 'top_up': {
        expect(
          (
            await inside((tx) =>
              topUp(tx, ledger, { person: pair.client, id: randomUUID(), amount_cents: step.cents }),
            )
          ).ok,
        ).toBe(true);
        const paid = Math.min(pair.debt, step.cents);
        pair.debt -= paid;
        pair.wallet += step.cents - paid;
        return;
      }
      case 'hold': {
        const id = randomUUID();
        const able = pair.wallet >= step.cents && pair.used + step.cents <= pair.limit;
        const result = await ledger.post({
          kind: 'reserve',
          key: `reserve:${id}`,
          hold: id,
          from: account,
          amount_cents: step.cents,
          ends_at_ms: ms() + 86_400_000,
          budgets: budgetKeys(pair.client),
        });
        expect(result.ok).toBe(able);
        if (!able) return;
        pair.wallet -= step.cents;
        pair.used += step.cents;
        pair.held.push({ id, cents: step.cents });
        return;
      }
      case 'close_hold': {
        const hold = pair.held.pop();
        if (!hold) return;
        const part = Math.floor((hold.cents * step.part) / 100);
        const result =
          part === 0
            ? await ledger.post({ kind: 'release', key: `close:${hold.id}`, hold: hold.id })
            : await ledger.post({
                kind: 'settle',
                key: `close:${hold.id}`,
                hold: hold.id,
                legs: [{ account: `earnings:${pair.reader}`, amount_cents: part }],
              });
        expect(result.ok).toBe(true);
        pair.wallet += hold.cents - part;
        pair.used -= hold.cents - part;
        pair.earnings += part;
        return;
      }
      case 'start': {
        if (pair.session) return;
        const real = await money.session({
          client: pair.client,
          reader: pair.reader,
          rate: RATE,
          maximum: step.maximum,
        });
        const able = pair.wallet >= 3 * RATE && pair.used + RATE <= pair.limit;
        expect((await real.start(seconds)).ok).toBe(able);
        if (able)
          pair.session = { real, maximum: step.maximum, paid: 0, active: 0, since: ms(), stopped: false };
        return;
      }
      case 'tick': {
        seconds += step.seconds;
        // Two nodes at once: together they do what one does.
        const session = pairs.find(({ session }) => session)?.session;
        if (session) await Promise.all([session.real.tick(seconds), session.real.tick(seconds)]);
        money.clock.set(ms());
        for (const each of pairs) charge(each, ms());
        return;
      }
      case 'pause': {
        if (!pair.session) return;
        await pair.session.real.pause(seconds, seconds - step.lost);
        if (pair.session.since !== null) halt(pair, ms() - step.lost * 1_000);
        return;
      }
      case 'resume': {
        if (!pair.session) return;
        const able = pair.session.since === null && !pair.session.stopped;
        // Before its first minute it has to have the money to start.
        const starts = pair.session.paid > 0 || (pair.wallet >= 3 * RATE && pair.used + RATE <= pair.limit);
        expect((await pair.session.real.start(seconds)).ok).toBe(able && starts);
        if (able && starts) pair.session.since = ms();
        return;
      }
      case 'gift': {
        const able = Math.max(
          0,
          Math.min(
            step.times,
            Math.floor(pair.wallet / step.cents),
            Math.floor((pair.limit - pair.used) / step.cents),
          ),
        );
        const part = share(1, step.cents);
        const results = await Promise.all(
          Array.from({ length: step.times }, () =>
            ledger.post({
              kind: 'gift',
              key: `gift:${randomUUID()}`,
              budgets: budgetKeys(pair.client),
              legs: [
                { account, amount_cents: -step.cents },
                { account: `earnings:${pair.reader}`, amount_cents: part },
                ...(step.cents > part ? [{ account: 'revenue', amount_cents: step.cents - part }] : []),
              ],
            }),
          ),
        );
        for (const result of results)
          if (result.ok) pair.gifts.push({ key: String(result.transfers[0]?.key), cents: step.cents });
        expect(results.filter(({ ok }) => ok)).toHaveLength(able);
        pair.wallet -= able * step.cents;
        pair.used += able * step.cents;
        pair.earnings += able * part;
        return;
      }
      case 'take_back': {
        const gift = pair.gifts.pop();
        if (!gift) return;
        const reverse = () => ledger.post({ kind: 'reversal', key: `back:${gift.key}`, reverses: gift.key });
        expect((await Promise.all([reverse(), reverse()])).every(({ ok }) => ok)).toBe(true);
        pair.wallet += gift.cents;
        pair.used -= gift.cents;
        pair.earnings -= share(1, gift.cents);
        return;
      }
      case 'limit':
        expect(
          (
            await ledger.setBudget({
              account,
              key: `${pair.client}:day`,
              limit_cents: step.cents,
              time_zone: 'UTC',
            })
          ).ok,
        ).toBe(true);
        // A raise would come true tomorrow, and no sequence lasts that long.
        pair.limit = Math.min(pair.limit, step.cents);
        return;
      case 'maximum': {
        const session = pair.session;
        if (!session) return;
        const able = !session.stopped && step.minutes > session.maximum;
        expect(await inside((tx) => raiseMaximum(tx, session.real.id, step.minutes))).toBe(able);
        if (able) session.maximum = step.minutes;
        return;
      }
      case 'refund': {
        const id = randomUUID();
        const able = pair.wallet >= step.cents;
        const result = await ledger.post(
          {
            kind: 'refund_reserve',
            key: `refund:${id}`,
            hold: id,
            from: account,
            amount_cents: step.cents,
            ends_at_ms: ms() + 60_000,
          },
          {
            kind: 'settle',
            key: `refund:${id}:done`,
            hold: id,
            legs: [{ account: 'card_clearing', amount_cents: step.cents }],
          },
        );
        expect(result.ok).toBe(able);
        if (able) pair.wallet -= step.cents;
        return;
      }
      case 'refunded_card': {
        // The card company gives back a part of a payment by itself, when some of it may be spent.
        const payment = { person: pair.client, id: randomUUID(), amount_cents: step.cents };
        expect((await inside((tx) => topUp(tx, ledger, payment))).ok).toBe(true);
        const paid = Math.min(pair.debt, step.cents);
        pair.debt -= paid;
        pair.wallet += step.cents - paid;
        const refund = {
          person: pair.client,
          payment_id: payment.id,
          id: randomUUID(),
          amount_cents: Math.ceil((step.cents * step.part) / 100),
        };
        const twice = await Promise.all([1, 2].map(() => inside((tx) => postRefund(tx, ledger, refund))));
        expect(twice.every(({ ok }) => ok)).toBe(true);
        const taken = Math.min(pair.wallet, refund.amount_cents);
        pair.wallet -= taken;
        pair.debt += refund.amount_cents - taken;
        if (step.part % 2 === 0) return;
        const failed = await Promise.all([1, 2].map(() => inside((tx) => failRefund(tx, ledger, refund))));
        expect(failed.every(({ ok }) => ok)).toBe(true);
        const owed = Math.min(pair.debt, refund.amount_cents);
        pair.debt -= owed;
        pair.wallet += refund.amount_cents - owed;
        return;
      }
      case 'order': {
        const hold = randomUUID();
        const able = pair.wallet >= step.cents && pair.used + step.cents <= pair.limit;
        const posted = Math.ceil((step.cents * step.part) / 100);
        const back = Math.floor((posted * step.back) / 100);
        const result = await ledger.post(
          {
            kind: 'reserve',
            key: `reserve:${hold}`,
            hold,
            from: account,
            amount_cents: step.cents,
            ends_at_ms: ms() + 60_000,
            budgets: budgetKeys(pair.client),
          },
          {
            kind: 'settle',
            key: `settle:${hold}`,
            hold,
            legs: [{ account: 'revenue', amount_cents: posted }],
          },
        );
        expect(result.ok).toBe(able);
        if (!able) return;
        pair.wallet -= posted;
        pair.used += posted;
        const giveBack = (key: string, amount_cents: number) =>
          ledger.post({ kind: 'order_refund', key: `${key}:${hold}`, hold, amount_cents });
        if (back > 0)
          expect((await Promise.all([giveBack('a', back), giveBack('a', back)])).every(({ ok }) => ok)).toBe(
            true,
          );
        expect((await giveBack('b', posted - back + 1)).ok).toBe(false);
        pair.wallet += back;
        pair.used -= back;
        return;
      }
      case 'dispute': {
        const event = { person: pair.client, id: randomUUID(), amount_cents: step.cents };
        await inside((tx) => openDispute(tx, ledger, event));
        const taken = Math.min(pair.wallet, step.cents);
        pair.wallet -= taken;
        pair.debt += step.cents - taken;
        if (step.end === 'open') return;
        await inside((tx) => closeDispute(tx, ledger, event, step.end === 'won'));
        if (step.end === 'lost') return;
        const paid = Math.min(pair.debt, step.cents);
        pair.debt -= paid;
        pair.wallet += step.cents - paid;
        return;
      }
      case 'payout': {
        const amount = Math.max(1, pair.earnings);
        const able = pair.earnings > 0;
        const result = await ledger.post({
          kind: 'payout',
          key: randomUUID(),
          legs: [
            { account: `earnings:${pair.reader}`, amount_cents: -amount },
            { account: 'payouts', amount_cents: amount },
          ],
        });
        expect(result.ok).toBe(able);
        if (able) pair.earnings = 0;
        return;
      }
      case 'end':
        return finish(pair, step.lost);
    }
  };

  const compare = async () => {
    const names = pairs.flatMap(({ client, reader }) => [
      `wallet:${client}`,
      `debt:${client}`,
      `earnings:${reader}`,
    ]);
    const sessions = pairs.flatMap(({ session }) => (session ? [session.real.id] : []));
    const { rows } = await sql<{
      name: string;
      balance: string;
      meter: { paid_minutes: number; active_ms: number; running: boolean } | null;
      sum: string;
    }>`
      select name, balance, null as meter, (select sum(balance) from accounts) as sum from accounts where name = any (${names}::text[])
      union all
      select session_id::text, 0, jsonb_build_object('paid_minutes', paid_minutes, 'active_ms', active_ms, 'running', running), 0
      from meters where session_id = any (${sessions}::uuid[])`.execute(db);
    const of = (name: string) => Number(rows.find((row) => row.name === name)?.balance ?? 0);
    expect(Number(rows[0]?.sum)).toBe(0);
    for (const pair of pairs) {
      expect({
        wallet: of(`wallet:${pair.client}`),
        debt: of(`debt:${pair.client}`) + 0,
        earnings: of(`earnings:${pair.reader}`),
      }).toEqual({ wallet: pair.wallet, debt: 0 - pair.debt, earnings: pair.earnings });
      const { session } = pair;
      if (!session) continue;
      expect(rows.find(({ name }) => name === session.real.id)?.meter).toEqual({
        paid_minutes: session.paid,
        active_ms: session.active,
        running: session.since !== null,
      });
    }
  };

  try {
    for (const step of steps) {
      await act(step);
      await compare();
    }
    for (const pair of pairs) await finish(pair, 0);
    await compare();
  } finally {
    // What a failed sequence left running is not for the next one to tick.
    for (const { session } of pairs) if (session) await session.real.stop(seconds).catch(() => undefined);
  }
}

const lanes: Money[] = [];
beforeAll(async () => {
  for (let i = 0; i < LANES; i += 1) lanes.push(await createMoney());
});
afterAll(async () => {
  for (const money of lanes) await money.close();
});

test(
  `LED-1 LED-4 BIL-1 BIL-12: ${SEQUENCES} sequences of up to 60 commands do what a plain model does`,
  async () => {
    const seed = process.env['SOULSEER_SEED']
      ? Number(process.env['SOULSEER_SEED'])
      : Math.floor(Math.random() * 2 ** 31);
    await Promise.all(
      lanes.map(async (money, lane) => {
        await fc.assert(
          fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 60, size: 'max' }), (steps) =>
            play(money, steps),
          ),
          { seed: seed + lane, numRuns: Math.ceil(SEQUENCES / LANES), endOnFailure: true },
        );
        const proof = await verifyLedger(money.db);
        expect(proof.findings).toEqual([]);
      }),
    );
  },
  DEEP ? 14_400_000 : 600_000,
);
