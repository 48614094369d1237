import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CardResult, closeDispute, openDispute, topUp } from '../../src/ledger/cards.ts';
import {
  budgetKeys,
  type Command,
  type Leg,
  type PostResult,
  type Spending,
} from '../../src/ledger/ledger.ts';
import { splitPayment } from '../../src/ledger/split.ts';
import { createMoney, type Money, START } from '../support/money.ts';

let money: Money;
beforeAll(async () => {
  money = await createMoney();
});
afterAll(() => money.close());

const wallet = (person: string) => money.ledger.balance(`wallet:${person}`);
const earnings = (person: string) => money.ledger.balance(`earnings:${person}`);
const code = (result: PostResult | CardResult) => (result.ok ? 'ok' : result.refused.code);

function gift(client: string, reader: string, cents: number, key: string = randomUUID()): Command {
  const { reader: part, platform } = splitPayment(cents);
  const legs: Leg[] = [
    { account: `wallet:${client}`, amount_cents: -cents },
    { account: `earnings:${reader}`, amount_cents: part },
  ];
  if (platform > 0) legs.push({ account: 'revenue', amount_cents: platform });
  return { kind: 'gift', key, budgets: budgetKeys(client), legs };
}

async function rows(): Promise<number> {
  const [row] = await money.query<{ n: string }>(
    'select (select count(*) from transfers) + (select count(*) from entries) as n',
  );
  return Number(row?.n);
}

describe('writing', () => {
  test('LED-1: the database refuses legs that do not sum to zero, from the owner too', async () => {
    const [transfer] = await money.as(
      'owner',
      `insert into transfers (created_at, effective_at, kind, key) values (now(), now(), 'gift', $1) returning id`,
      [randomUUID()],
    );
    await expect(
      money.as(
        'owner',
        `insert into entries (transfer_id, account_id, balance_after, version, amount)
      values ($1, 1, 5, 900001, 5), ($1, 2, -4, 900001, -4)`,
        [transfer?.['id']],
      ),
    ).rejects.toThrow(/do not sum to zero/);
    await expect(
      money.as(
        'owner',
        `insert into entries (transfer_id, account_id, balance_after, version, amount)
      values (987654321, 1, 5, 900002, 5), (987654321, 2, -5, 900002, -5)`,
      ),
    ).rejects.toThrow(/a transfer that is none/);
    await expect(
      money.as(
        'owner',
        `insert into entries (transfer_id, account_id, balance_after, version, amount)
      values ($1, 1, 5, 900002, 5), ($1, 987654321, -5, 900002, -5)`,
        [transfer?.['id']],
      ),
    ).rejects.toThrow(/an account that is none/);
    const [sum] = await money.query<{ sum: string }>('select sum(balance) from accounts');
    expect(Number(sum?.sum)).toBe(0);
  });

  test.each([
    ['update', 'transfers', `update transfers set kind = 'gift'`],
    ['delete', 'transfers', 'delete from transfers'],
    ['truncate', 'transfers', 'truncate transfers cascade'],
    ['update', 'entries', 'update entries set amount = 0'],
    ['delete', 'entries', 'delete from entries'],
    ['truncate', 'entries', 'truncate entries'],
    ['delete', 'accounts', 'delete from accounts'],
  ])('LED-2: nobody may %s %s', async (_, table, text) => {
    await expect(money.query(text)).rejects.toThrow(/permission denied/);
    await expect(money.as('owner', text)).rejects.toThrow(
      table === 'accounts' ? /append-only|violates/ : /append-only/,
    );
    if (!text.startsWith('truncate transfers'))
      await expect(money.as('superuser', text)).rejects.toThrow(/append-only|violates/);
  });

  test.each([
    `insert into accounts (kind, name) values ('wallet', 'wallet:x')`,
    'update accounts set balance = 1000000',
    `insert into transfers (created_at, effective_at, kind, key) values (now(), now(), 'gift', 'forged')`,
    'insert into entries (transfer_id, account_id, balance_after, version, amount) values (1, 1, 1, 1, 1)',
    `insert into budgets (account_id, key, whole_account, time_window, time_zone, starts_at, ends_at) values (1, 'k', true, 'none', 'UTC', now(), now())`,
    'update budgets set limit_cents = null',
    'update holds set ends_at = now()',
    'update transfer_kinds set spends = false',
    `select ledger_write('k', 'gift', null, now(), null, null, null, '{1,2}', '{1,-1}', 0)`,
    `select ledger_post_one('{}', now())`,
    `select ledger_give_back(1, 1, now(), null, now())`,
    `select ledger_spend_ceiling(1, now())`,
    'alter table entries disable trigger all',
  ])('LED-3: the running role can not: %s', async (text) => {
    await expect(money.query(text)).rejects.toThrow(/permission denied|must be owner/);
  });

  test('LED-3: a temporary table of the same name deceives no door', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    await money.db.connection().execute(async (connection) => {
      await sql`create temporary table accounts (like public.accounts including all)`.execute(connection);
      await sql`insert into accounts (kind, name, balance) values ('wallet', ${`wallet:${client}`}, 1000000)`.execute(
        connection,
      );
      const inside = money.ledger.within(connection);
      expect(code(await inside.post(gift(client, reader, 1_001)))).toBe('insufficient_balance');
      expect(code(await inside.post(gift(client, reader, 1_000)))).toBe('ok');
      await sql`drop table pg_temp.accounts`.execute(connection);
    });
    expect(await wallet(client)).toBe(0);
  });

  test('LED-4: 200 parallel spends of a wallet that can pay 3: exactly 3', async () => {
    const [client, reader] = [await money.person(3 * 700 + 699), await money.person()];
    const results = await Promise.all(
      Array.from({ length: 200 }, () => money.ledger.post(gift(client, reader, 700))),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(3);
    expect(new Set(results.filter(({ ok }) => !ok).map(code))).toEqual(new Set(['insufficient_balance']));
    expect(await wallet(client)).toBe(699);
    expect(await earnings(reader)).toBe(3 * 490);
  });

  test('LED-4: the constraint is the database’s, not a check before', async () => {
    const client = await money.person(100);
    await expect(
      money.as('owner', 'update accounts set balance = -1 where name = $1', [`wallet:${client}`]),
    ).rejects.toThrow(/balance_too_low/);
  });

  test('LED-5: what may be negative and what not', async () => {
    const set = (name: string, balance: number) =>
      money.as(
        'owner',
        `do $$ begin update accounts set balance = ${balance} where name = '${name}'; raise exception 'undo'; end $$`,
      );
    const person = await money.person();
    await money.ledger.open(`debt:${person}`);
    for (const name of ['revenue:3', 'card_clearing:3', 'promotions', `debt:${person}`])
      await expect(set(name, -1)).rejects.toThrow('undo');
    for (const name of ['disputes', 'payouts', `earnings:${person}`, `wallet:${person}`])
      await expect(set(name, -1)).rejects.toThrow('balance_too_low');
    await expect(set(`debt:${person}`, 1)).rejects.toThrow('balance_too_high');
  });

  test('LED-6: a reversal may take earnings that were paid out; a payout may not', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const pay = (cents: number): Command => ({
      kind: 'payout',
      key: randomUUID(),
      legs: [
        { account: `earnings:${reader}`, amount_cents: -cents },
        { account: 'payouts', amount_cents: cents },
      ],
    });
    await money.ledger.post(gift(client, reader, 100, `g1:${client}`));
    expect(code(await money.ledger.post(pay(71)))).toBe('insufficient_balance');
    expect(code(await money.ledger.post(pay(70)))).toBe('ok');
    expect(
      code(await money.ledger.post({ kind: 'reversal', key: randomUUID(), reverses: `g1:${client}` })),
    ).toBe('ok');
    expect(await earnings(reader)).toBe(-70);
    await money.ledger.post(gift(client, reader, 50));
    expect(await earnings(reader)).toBe(-35);
    expect(code(await money.ledger.post(pay(1)))).toBe('insufficient_balance');
    await money.ledger.post(gift(client, reader, 100));
    expect(await earnings(reader)).toBe(35);
    expect(code(await money.ledger.post(pay(36)))).toBe('insufficient_balance');
    expect(code(await money.ledger.post(pay(35)))).toBe('ok');
  });

  test('LED-7: 100 parallel calls with one key: one transfer, one answer', async () => {
    const [client, reader] = [await money.person(10_000), await money.person()];
    const command = gift(client, reader, 500);
    const results = await Promise.all(Array.from({ length: 100 }, () => money.ledger.post(command)));
    const ids = results.map((result) => (result.ok ? result.transfers[0]?.id : result.refused.code));
    expect(new Set(ids).size).toBe(1);
    expect(results.filter((result) => result.ok && !result.transfers[0]?.replayed)).toHaveLength(1);
    expect(await wallet(client)).toBe(9_500);
  });

  test('LED-7: the same key with other content is refused, in whatever it differs; the order of legs is no content', async () => {
    const [client, reader, other] = [await money.person(10_000), await money.person(), await money.person()];
    const first = gift(client, reader, 500, randomUUID()) as Spending;
    expect(code(await money.ledger.post(first))).toBe('ok');
    expect(code(await money.ledger.post({ ...first, legs: first.legs.toReversed() }))).toBe('ok');
    expect(code(await money.ledger.post({ ...first, details: { why: 'other' } }))).toBe('key_reused');
    expect(code(await money.ledger.post({ ...first, kind: 'tip' }))).toBe('key_reused');
    expect(code(await money.ledger.post(gift(client, reader, 501, first.key)))).toBe('key_reused');
    expect(code(await money.ledger.post(gift(client, other, 500, first.key)))).toBe('key_reused');
    expect(code(await money.ledger.post({ kind: 'reversal', key: first.key, reverses: first.key }))).toBe(
      'key_reused',
    );
    expect(await wallet(client)).toBe(9_500);
  });

  test('LED-8: entries chain: before, after, and a count without a gap', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    for (let i = 1; i <= 5; i += 1) await money.ledger.post(gift(client, reader, 10 * i));
    const chain = await money.query<{
      version: number;
      balance_before: string;
      balance_after: string;
      amount: number;
    }>(
      'select e.version, balance_before, balance_after, amount from entries e join accounts a on a.id = e.account_id where name = $1 order by e.version',
      [`wallet:${client}`],
    );
    expect(chain.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    let balance = 0;
    for (const entry of chain) {
      expect(Number(entry.balance_before)).toBe(balance);
      balance += entry.amount;
      expect(Number(entry.balance_after)).toBe(balance);
    }
    expect(balance).toBe(await wallet(client));
  });

  test('LED-9: several commands: all or nothing, and the caller’s transaction lives on', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const before = await rows();
    await money.db.transaction().execute(async (tx) => {
      const inside = money.ledger.within(tx);
      expect(code(await inside.post(gift(client, reader, 600), gift(client, reader, 600)))).toBe(
        'insufficient_balance',
      );
      expect(await inside.balance(`wallet:${client}`)).toBe(1_000);
      expect(code(await inside.post(gift(client, reader, 400), gift(client, reader, 600)))).toBe('ok');
    });
    expect(await wallet(client)).toBe(0);
    expect((await rows()) - before).toBe(8);
  });

  const NAN = Number.NaN;
  test.each([
    ['zero', 0, 'bad_amount'],
    ['fractional', 1.5, 'bad_amount'],
    ['not a number', NAN, 'bad_amount'],
    ['infinite', Infinity, 'bad_amount'],
    ['huge', 1_000_000_000, 'bad_amount'],
    ['past 2^53', 2 ** 60, 'bad_amount'],
    ['text', '5' as unknown as number, 'bad_amount'],
  ])('LED-10: an amount that is %s is refused and nothing written', async (_, cents, expected) => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const before = await rows();
    const result = await money.ledger.post({
      kind: 'gift',
      key: randomUUID(),
      budgets: budgetKeys(client),
      legs: [
        { account: `wallet:${client}`, amount_cents: -cents },
        { account: `earnings:${reader}`, amount_cents: cents },
      ],
    });
    expect(code(result)).toBe(expected);
    expect(await rows()).toBe(before);
  });

  test('LED-10: the database refuses the same by itself', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const raw = async (legs: string) => {
      const [row] = await money.query<{ a: { refused?: { code: string } } }>(
        'select ledger_post($1::jsonb, now()) as a',
        [
          `[{"key":"${randomUUID()}","kind":"gift","budgets":["${client}:day","${client}:week"],"legs":${legs}}]`,
        ],
      );
      return row?.a.refused?.code;
    };
    const [w, e] = [`wallet:${client}`, `earnings:${reader}`];
    expect(await raw(`[["${w}",-1.5],["${e}",1.5]]`)).toBe('bad_amount');
    // The same whole number, written otherwise.
    expect(await raw(`[["${w}",-1e2],["${e}",100]]`)).toBeUndefined();
    expect(await raw(`[["${w}","-5"],["${e}",5]]`)).toBe('bad_amount');
    expect(await raw(`[["${w}",null],["${e}",5]]`)).toBe('bad_amount');
    expect(await raw(`[["${w}",-5]]`)).toBe('bad_legs');
    expect(await raw('null')).toBe('bad_legs');
    expect(await raw(`[["${w}",-5],["${e}",4]]`)).toBe('unbalanced');
  });

  test('LED-10: accounts, kinds and keys that are wrong', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const before = await rows();
    const base = gift(client, reader, 100) as Spending;
    const w = { account: `wallet:${client}`, amount_cents: -100 };
    const e = (cents: number) => ({ account: `earnings:${reader}`, amount_cents: cents });
    expect(
      code(
        await money.ledger.post({ ...base, legs: [w, { account: 'earnings:nobody', amount_cents: 100 }] }),
      ),
    ).toBe('unknown_account');
    expect(code(await money.ledger.post({ ...base, legs: [w, e(50), e(50)] }))).toBe('same_account_twice');
    expect(
      code(
        await money.ledger.post({
          ...base,
          legs: [w, { account: 'revenue', amount_cents: 50 }, { account: 'revenue', amount_cents: 50 }],
        }),
      ),
    ).toBe('same_account_twice');
    expect(code(await money.ledger.post({ ...base, legs: [w, e(99)] }))).toBe('unbalanced');
    expect(code(await money.ledger.post({ ...base, legs: [w] }))).toBe('bad_legs');
    expect(code(await money.ledger.post({ ...base, kind: 'minute' as 'gift' }))).toBe('bad_kind');
    expect(code(await money.ledger.post({ ...base, kind: 'nonsense' as 'gift' }))).toBe('bad_kind');
    expect(code(await money.ledger.post({ ...base, key: '' }))).toBe('bad_key');
    expect(code(await money.ledger.post({ ...base, key: 'k'.repeat(201) }))).toBe('bad_key');
    expect(
      code(await money.ledger.post({ kind: 'reversal', key: randomUUID(), reverses: 'no such key' })),
    ).toBe('unknown_transfer');
    await expect(money.ledger.open('wallet:../x')).rejects.toThrow('bad_account');
    await expect(money.ledger.open('revenue:99')).rejects.toThrow('bad_account');
    expect(await rows()).toBe(before);
  });

  test('LED-11: a kind that limits exempt pays nobody, and nobody gives to a wallet what has no source', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const pay = (kind: 'top_up' | 'dispute_open' | 'promotion', from: string, to: string) =>
      money.ledger.post({
        kind,
        key: randomUUID(),
        legs: [
          { account: from, amount_cents: -100 },
          { account: to, amount_cents: 100 },
        ],
      });
    for (const kind of ['top_up', 'dispute_open', 'promotion'] as const) {
      expect(code(await pay(kind, `wallet:${client}`, `earnings:${reader}`))).toBe('bad_direction');
      expect(code(await pay(kind, 'revenue', `wallet:${client}`))).toBe('bad_direction');
    }
    expect(code(await pay('promotion', 'promotions', `wallet:${client}`))).toBe('ok');
  });

  test('LED-12: calls that name the same accounts in every order never end in a deadlock', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => money.person(100_000)));
    const before = await money.as(
      'superuser',
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    await Promise.all(
      Array.from({ length: 150 }, (_, i) => {
        const [a, b, c] = [people[i % 6], people[(i * 5 + 1) % 6], people[(i * 7 + 2) % 6]].map(String) as [
          string,
          string,
          string,
        ];
        return money.ledger.post(gift(a, b, 10), gift(b, c, 10), gift(c, a, 10));
      }),
    );
    await money.as('superuser', 'select pg_stat_force_next_flush()');
    expect(
      await money.as(
        'superuser',
        'select deadlocks from pg_stat_database where datname = current_database()',
      ),
    ).toEqual(before);
  });

  test('LED-13: connections pay into different parts of revenue; its balance is their sum', async () => {
    const [client, reader] = [await money.person(100_000), await money.person()];
    const before = await money.ledger.balance('revenue');
    await Promise.all(Array.from({ length: 60 }, () => money.ledger.post(gift(client, reader, 100))));
    expect((await money.ledger.balance('revenue')) - before).toBe(60 * 30);
    const parts = await money.query(`select 1 from accounts where kind = 'revenue' and version > 0`);
    expect(parts.length).toBeGreaterThan(1);
  });

  test('LED-14: a reversal takes back exactly those legs, once', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    await money.ledger.post(gift(client, reader, 333, `g:${client}`));
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        money.ledger.post({ kind: 'reversal', key: randomUUID(), reverses: `g:${client}` }),
      ),
    );
    expect(results.map(code).sort()).toEqual([...Array.from({ length: 19 }, () => 'already_reversed'), 'ok']);
    const done = results.find((result) => result.ok);
    const key = done?.ok ? (done.transfers[0]?.key ?? '') : '';
    expect(code(await money.ledger.post({ kind: 'reversal', key: randomUUID(), reverses: key }))).toBe(
      'not_reversible',
    );
    const legs = await money.query<{ sum: string }>(
      'select sum(amount) from entries e join transfers t on t.id = e.transfer_id where t.key in ($1, $2) group by account_id',
      [`g:${client}`, key],
    );
    expect(legs.map(({ sum }) => Number(sum))).toEqual([0, 0, 0]);
    expect(await wallet(client)).toBe(1_000);
  });
});

describe('holds and cards', () => {
  const reserve = (client: string, hold: string, cents: number, endsIn = 60_000): Command => ({
    kind: 'reserve',
    key: `reserve:${hold}`,
    hold,
    from: `wallet:${client}`,
    amount_cents: cents,
    ends_at_ms: START + endsIn,
    budgets: budgetKeys(client),
  });

  test('LED-15: reserved, settled in part, the rest goes back; and only once', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const hold = randomUUID();
    expect(code(await money.ledger.post(reserve(client, hold, 1_001)))).toBe('insufficient_balance');
    expect(code(await money.ledger.post(reserve(client, hold, 600)))).toBe('ok');
    expect(code(await money.ledger.post(reserve(client, hold, 600)))).toBe('ok');
    expect([await wallet(client), await money.ledger.balance(`hold:${hold}`)]).toEqual([400, 600]);
    const settle = (key: string, cents: number): Command => ({
      kind: 'settle',
      key,
      hold,
      legs: [{ account: `earnings:${reader}`, amount_cents: cents }],
    });
    expect(code(await money.ledger.post(settle(`s0:${hold}`, 601)))).toBe('more_than_held');
    expect(code(await money.ledger.post(settle(`s:${hold}`, 500)))).toBe('ok');
    expect(code(await money.ledger.post(settle(`s:${hold}`, 500)))).toBe('ok');
    expect(code(await money.ledger.post(settle(`s2:${hold}`, 100)))).toBe('hold_closed');
    expect(code(await money.ledger.post({ kind: 'release', key: `r:${hold}`, hold }))).toBe('hold_closed');
    expect([
      await wallet(client),
      await money.ledger.balance(`hold:${hold}`),
      await earnings(reader),
    ]).toEqual([500, 0, 500]);
    expect(code(await money.ledger.post({ kind: 'reversal', key: `b:${hold}`, reverses: `s:${hold}` }))).toBe(
      'ok',
    );
    expect([await wallet(client), await earnings(reader)]).toEqual([1_000, 0]);
  });

  test('LED-15: after its end time a hold is only released, by itself', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const hold = randomUUID();
    money.clock.set(START);
    await money.ledger.post(reserve(client, hold, 600, 1_000));
    expect(await money.ledger.releaseEndedHolds()).toBe(0);
    money.clock.set(START + 1_000);
    expect(
      code(
        await money.ledger.post({
          kind: 'settle',
          key: randomUUID(),
          hold,
          legs: [{ account: `earnings:${reader}`, amount_cents: 600 }],
        }),
      ),
    ).toBe('hold_ended');
    expect(await money.ledger.releaseEndedHolds()).toBe(1);
    expect(await wallet(client)).toBe(1_000);
    money.clock.set(START);
  });

  test('LED-16: a refund reserves past every limit, and pays nobody but the card', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const hold = randomUUID();
    await money.ledger.setPause({ account: `wallet:${client}`, on: true });
    expect(code(await money.ledger.post(reserve(client, hold, 600)))).toBe('spending_paused');
    expect(
      code(
        await money.ledger.post({
          kind: 'refund_reserve',
          key: `rr:${hold}`,
          hold,
          from: `wallet:${client}`,
          amount_cents: 600,
          ends_at_ms: START + 60_000,
        }),
      ),
    ).toBe('ok');
    expect(
      code(
        await money.ledger.post({
          kind: 'settle',
          key: `x:${hold}`,
          hold,
          legs: [{ account: `earnings:${reader}`, amount_cents: 600 }],
        }),
      ),
    ).toBe('bad_direction');
    expect(
      code(
        await money.ledger.post({
          kind: 'settle',
          key: `y:${hold}`,
          hold,
          legs: [{ account: 'card_clearing', amount_cents: 600 }],
        }),
      ),
    ).toBe('ok');
    expect(await wallet(client)).toBe(400);
  });

  test('LED-17: disputes take what is there, the rest is debt, the next top-up pays it; won gives back, lost does not', async () => {
    const [client, reader] = [await money.person(1_000), await money.person()];
    const inside = <T>(work: (tx: Parameters<typeof topUp>[0]) => Promise<T>) =>
      money.db.transaction().execute(work);
    const standing = async () => [await wallet(client), await money.ledger.balance(`debt:${client}`)];
    await money.ledger.post(gift(client, reader, 700));
    const dispute = { person: client, id: randomUUID(), amount_cents: 1_000 };
    await inside((tx) => openDispute(tx, money.ledger, dispute));
    await inside((tx) => openDispute(tx, money.ledger, dispute));
    expect(await standing()).toEqual([0, -700]);
    const payment = { person: client, id: randomUUID(), amount_cents: 500 };
    await Promise.all([1, 2, 3].map(() => inside((tx) => topUp(tx, money.ledger, payment))));
    expect(await standing()).toEqual([0, -200]);
    await inside((tx) => topUp(tx, money.ledger, { person: client, id: randomUUID(), amount_cents: 250 }));
    expect(await standing()).toEqual([50, 0]);
    await inside((tx) => closeDispute(tx, money.ledger, dispute, true));
    expect(await standing()).toEqual([1_050, 0]);
    const lost = { person: client, id: randomUUID(), amount_cents: 300 };
    await inside((tx) => openDispute(tx, money.ledger, lost));
    await inside((tx) => closeDispute(tx, money.ledger, lost, false));
    expect(await standing()).toEqual([750, 0]);
    expect(await money.ledger.balance('disputes')).toBe(0);
  });

  test('LED-7: what a card did, told again, answers the first result; another event under its key is refused', async () => {
    const [one, other] = [await money.person(0), await money.person(0)];
    const inside = <T>(work: (tx: Parameters<typeof topUp>[0]) => Promise<T>) =>
      money.db.transaction().execute(work);
    const event = { person: one, id: randomUUID(), amount_cents: 500 };
    const changed = [
      { ...event, amount_cents: 501 },
      { ...event, person: other },
    ];
    expect(code(await inside((tx) => topUp(tx, money.ledger, event)))).toBe('ok');
    expect(code(await inside((tx) => topUp(tx, money.ledger, event)))).toBe('ok');
    for (const another of changed)
      expect(code(await inside((tx) => topUp(tx, money.ledger, another)))).toBe('key_reused');
    expect(code(await inside((tx) => openDispute(tx, money.ledger, event)))).toBe('ok');
    for (const another of changed)
      expect(code(await inside((tx) => openDispute(tx, money.ledger, another)))).toBe('key_reused');
    expect(code(await inside((tx) => closeDispute(tx, money.ledger, event, true)))).toBe('ok');
    expect(code(await inside((tx) => closeDispute(tx, money.ledger, event, true)))).toBe('ok');
    expect(code(await inside((tx) => closeDispute(tx, money.ledger, event, false)))).toBe('key_reused');
    expect([await wallet(one), await wallet(other)]).toEqual([500, 0]);
  });
});

describe('budgets', () => {
  const HOUR = 3_600_000;
  async function limited(key: 'day' | 'week', limit: number | null, zone = 'UTC') {
    const [client, reader] = [await money.person(100_000), await money.person()];
    const set = (cents: number | null, time_zone = zone) =>
      money.ledger.setBudget({
        account: `wallet:${client}`,
        key: `${client}:${key}`,
        limit_cents: cents,
        time_zone,
      });
    expect((await set(limit)).ok).toBe(true);
    return {
      client,
      reader,
      set,
      spend: async (cents: number, id?: string) =>
        code(await money.ledger.post(gift(client, reader, cents, id))),
    };
  }

  test('LED-18: a spending that does not name its payer’s keys is refused by the database', async () => {
    const [client, reader, other] = [await money.person(1_000), await money.person(), await money.person()];
    const base = gift(client, reader, 100) as Spending;
    expect(code(await money.ledger.post({ ...base, budgets: [] }))).toBe('missing_budget_keys');
    expect(code(await money.ledger.post({ ...base, budgets: [`${client}:day`] }))).toBe(
      'missing_budget_keys',
    );
    expect(code(await money.ledger.post({ ...base, budgets: budgetKeys(other) }))).toBe(
      'missing_budget_keys',
    );
    const { budgets: _, ...forgot } = base;
    expect(code(await money.ledger.post(forgot as Command))).toBe('missing_budget_keys');
    const both = [
      { account: `wallet:${client}`, amount_cents: -50 },
      { account: `wallet:${other}`, amount_cents: -50 },
      { account: `earnings:${reader}`, amount_cents: 100 },
    ];
    expect(code(await money.ledger.post({ ...base, legs: both }))).toBe('one_payer_only');
  });

  test('LED-19: a day ends at midnight where the person lives, also when the clocks change', async () => {
    // 29 March 2026: London goes to summer time at 01:00 UTC, and that day has 23 hours.
    money.clock.set(Date.UTC(2026, 2, 28, 23, 30));
    const { client, spend } = await limited('day', 100, 'Europe/London');
    expect([await spend(100), await spend(1)]).toEqual(['ok', 'spending_limit']);
    money.clock.set(Date.UTC(2026, 2, 29, 0, 0));
    expect([await spend(100), await spend(1)]).toEqual(['ok', 'spending_limit']);
    money.clock.set(Date.UTC(2026, 2, 29, 22, 59, 59));
    expect(await spend(1)).toBe('spending_limit');
    money.clock.set(Date.UTC(2026, 2, 29, 23, 0));
    expect(await spend(100)).toBe('ok');
    expect(await wallet(client)).toBe(100_000 - 300);
    money.clock.set(START);
  });

  test('LED-19: a week begins on Monday, and a limit counts what was spent in its window before it was set', async () => {
    money.clock.set(Date.UTC(2026, 10, 18, 12)); // a Wednesday
    const [client, reader] = [await money.person(100_000), await money.person()];
    const spend = async (cents: number) => code(await money.ledger.post(gift(client, reader, cents)));
    expect(await spend(80)).toBe('ok');
    await money.ledger.setBudget({
      account: `wallet:${client}`,
      key: `${client}:week`,
      limit_cents: 100,
      time_zone: 'UTC',
    });
    expect([await spend(21), await spend(20), await spend(1)]).toEqual([
      'spending_limit',
      'ok',
      'spending_limit',
    ]);
    money.clock.set(Date.UTC(2026, 10, 22, 23, 59, 59));
    expect(await spend(1)).toBe('spending_limit');
    money.clock.set(Date.UTC(2026, 10, 23));
    expect([await spend(100), await spend(1)]).toEqual(['ok', 'spending_limit']);
    money.clock.set(START);
  });

  test('LED-19: a session’s own budget counts what names it', async () => {
    const [client, reader] = [await money.person(100_000), await money.person()];
    const key = `session:${randomUUID()}`;
    await money.ledger.setBudget({ account: `wallet:${client}`, key, limit_cents: 100, time_zone: 'UTC' });
    const spend = async (cents: number, ...more: string[]) =>
      code(
        await money.ledger.post({
          ...(gift(client, reader, cents) as Spending),
          budgets: budgetKeys(client, ...more),
        }),
      );
    expect([
      await spend(60, key),
      await spend(60),
      await spend(41, key),
      await spend(40, key),
      await spend(1, key),
    ]).toEqual(['ok', 'ok', 'spending_limit', 'ok', 'spending_limit']);
  });

  test('LED-20: 60 parallel spends against a limit that lets 4 through: exactly 4', async () => {
    money.clock.set(START);
    const { spend } = await limited('day', 450);
    const results = await Promise.all(Array.from({ length: 60 }, () => spend(100)));
    expect(results.filter((result) => result === 'ok')).toHaveLength(4);
    expect(results.filter((result) => result === 'spending_limit')).toHaveLength(56);
  });

  test('LED-21: lower at once, higher after 24 hours, the present limit again cancels', async () => {
    money.clock.set(START);
    const { set, spend } = await limited('day', 100);
    expect(await set(300)).toMatchObject({
      budget: { limit_cents: 100, next_limit_cents: 300, next_limit_at_ms: START + 24 * HOUR },
    });
    expect(await spend(101)).toBe('spending_limit');
    expect(await set(50)).toMatchObject({
      budget: { limit_cents: 50, next_limit_cents: null, next_limit_at_ms: null },
    });
    expect(await spend(51)).toBe('spending_limit');
    await set(300);
    await set(50);
    money.clock.set(START + 25 * HOUR);
    expect(await spend(51)).toBe('spending_limit');
    await set(null);
    money.clock.set(START + 49 * HOUR - 1);
    expect(await spend(51)).toBe('spending_limit');
    money.clock.set(START + 49 * HOUR);
    expect(await spend(5_000)).toBe('ok');
    money.clock.set(START);
  });

  test('LED-21: a pause stops all spending at once and ends 24 hours after it is taken back', async () => {
    money.clock.set(START);
    const [client, reader] = [await money.person(100_000), await money.person()];
    const account = `wallet:${client}`;
    const spend = async () => code(await money.ledger.post(gift(client, reader, 100)));
    expect(await spend()).toBe('ok');
    await money.ledger.setPause({ account, on: true });
    expect(await spend()).toBe('spending_paused');
    await money.ledger.setPause({ account, on: false });
    expect(await spend()).toBe('spending_paused');
    money.clock.set(START + 24 * HOUR);
    expect(await spend()).toBe('ok');
    await money.ledger.setPause({ account, on: true, until_ms: START + 80 * HOUR });
    money.clock.set(START + 80 * HOUR - 1);
    expect(await spend()).toBe('spending_paused');
    money.clock.set(START + 80 * HOUR);
    expect(await spend()).toBe('ok');
    money.clock.set(START);
  });

  test('LED-22: a hold counts when made; what is reversed or released is given back, to the day that counted it', async () => {
    money.clock.set(START);
    const { client, reader, spend } = await limited('day', 100);
    const hold = randomUUID();
    const reserve = await money.ledger.post({
      kind: 'reserve',
      key: `reserve:${hold}`,
      hold,
      from: `wallet:${client}`,
      amount_cents: 60,
      ends_at_ms: START + 72 * HOUR,
      budgets: budgetKeys(client),
    });
    expect([code(reserve), await spend(41), await spend(40, `g:${hold}`), await spend(1)]).toEqual([
      'ok',
      'spending_limit',
      'ok',
      'spending_limit',
    ]);
    await money.ledger.post({ kind: 'reversal', key: `r:${hold}`, reverses: `g:${hold}` });
    expect([await spend(41), await spend(40, `g2:${hold}`), await spend(1)]).toEqual([
      'spending_limit',
      'ok',
      'spending_limit',
    ]);
    // The next day: what yesterday counted gives today nothing.
    money.clock.set(START + 24 * HOUR);
    expect(await spend(90)).toBe('ok');
    await money.ledger.post({ kind: 'reversal', key: `r2:${hold}`, reverses: `g2:${hold}` });
    await money.ledger.post({
      kind: 'settle',
      key: `s:${hold}`,
      hold,
      legs: [{ account: `earnings:${reader}`, amount_cents: 10 }],
    });
    expect([await spend(11), await spend(10), await spend(1)]).toEqual([
      'spending_limit',
      'ok',
      'spending_limit',
    ]);
    money.clock.set(START);
  });
});
