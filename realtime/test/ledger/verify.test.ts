import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tables } from '../../src/database.ts';
import { budgetKeys, type Command } from '../../src/ledger/ledger.ts';
import { type Finding, findWrong, verifyLedger } from '../../src/ledger/verify.ts';
import { databaseUrl } from '../support/cluster.ts';
import { createMoney, type Money } from '../support/money.ts';

let money: Money;
/** All but `money.db`, which can do nothing of this: as superuser. */
let admin: Kysely<Tables>;
let client: string;
beforeAll(async () => {
  money = await createMoney();
  admin = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: new pg.Pool({ connectionString: databaseUrl(money.database.name), max: 1 }),
    }),
  });
  client = await money.person(10_000);
  const account = `wallet:${client}`;
  const limit = (window: 'day' | 'week', limit_cents: number) =>
    money.ledger.setBudget({ account, key: `${client}:${window}`, limit_cents, time_zone: 'UTC' });
  await limit('day', 9_000);
  const session = await money.session({ client, reader: await money.person() });
  await session.start(0);
  await session.tick(100);
  await sql`select billing_set_session_maximum(${account}, 'UTC', 5000, ${new Date(money.clock.now())}::timestamptz)`.execute(
    money.db,
  );
  await session.tick(200);
  await session.stop(210, 'client', 100);
  await session.finalise();
  await limit('week', 20_000);
  // Holds: one open, one released, one posted and given back in part, one posted and taken back whole; a refund.
  const budget = `session:${randomUUID()}`;
  await money.ledger.setBudget({ account, key: budget, limit_cents: 3_000, time_zone: 'UTC' });
  const ends_at_ms = money.clock.now() + 60_000;
  for (const hold of ['open', 'released', 'posted', 'taken'])
    await done({
      kind: 'reserve',
      key: `reserve:${hold}`,
      hold,
      from: account,
      amount_cents: 500,
      ends_at_ms,
      budgets: budgetKeys(client, budget),
    });
  const legs = [{ account: 'revenue', amount_cents: 400 }];
  await done({ kind: 'release', key: 'release', hold: 'released' });
  for (const hold of ['posted', 'taken']) await done({ kind: 'settle', key: `settle:${hold}`, hold, legs });
  await done({ kind: 'order_refund', key: 'part', hold: 'posted', amount_cents: 150 });
  await done({ kind: 'reversal', key: 'whole', reverses: 'settle:taken' });
  await done({
    kind: 'refund_reserve',
    key: 'rr',
    hold: 'refund',
    from: account,
    amount_cents: 100,
    ends_at_ms,
  });
});
afterAll(async () => {
  await admin.destroy();
  await money.close();
});

async function done(command: Command): Promise<void> {
  expect(await money.ledger.post(command)).toMatchObject({ ok: true });
}

/** What is found wrong after that was done by a superuser with the guards off, who is the only one that can; then undone. */
async function whenBroken(text: string) {
  const undo = Symbol('undo');
  let findings: Finding[] = [];
  try {
    await admin.transaction().execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx);
      await sql.raw(text).execute(tx);
      findings = await findWrong(tx);
      throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
  }
  return findings;
}

test('LED-23 LED-32: a whole ledger is proved, with rows and time', async () => {
  const proof = await verifyLedger(money.db);
  expect(proof).toMatchObject({ ok: true, findings: [], transfers: 17, entries: 43 });
  expect(proof.milliseconds).toBeGreaterThanOrEqual(0);
});

describe('a broken database is named', () => {
  /** The transfer with this key; `top` is the client's top-up. */
  const of = (key: string) =>
    `(select id from transfers where key = '${key === 'top' ? `top-up:${client}` : key}')`;
  const first = (column: string) =>
    `(select ${column} from entries e join transfers t on t.id = e.transfer_id where t.kind = 'minute' order by t.id limit 1)`;
  test.each([
    [
      'a wallet with more than its entries',
      () => `update accounts set balance = balance + 1 where name = 'wallet:${client}'`,
      ['the sum of all balances', 'every balance and count'],
      () => `wallet:${client}`,
    ],
    [
      'money moved between accounts without a transfer',
      () =>
        `update accounts set balance = balance - 1 where name = 'wallet:${client}'; update accounts set balance = balance + 1 where name = 'promotions'`,
      ['every balance and count'],
      () => 'promotions',
    ],
    [
      'a changed amount',
      () => `update entries set amount = amount + 1 where transfer_id = ${first('t.id')} and amount > 0`,
      ['the legs of each transfer', 'entries follow'],
      () => 'transfer',
    ],
    [
      'a removed entry',
      () => `delete from entries where transfer_id = ${first('t.id')} and amount < 0`,
      ['the legs of each transfer', 'every balance', 'entries follow'],
      () => `wallet:${client}`,
    ],
    [
      'a removed transfer',
      () => `delete from transfers where id = ${first('t.id')}`,
      ['every transfer has legs'],
      () => 'transfer',
    ],
    [
      'a transfer without legs',
      () =>
        `insert into transfers (created_at, effective_at, kind, key) values (now(), now(), 'gift', 'empty')`,
      ['every transfer has legs'],
      () => 'transfer',
    ],
    [
      'an entry of an account that is none',
      () => `update entries set account_id = 999999 where transfer_id = ${first('t.id')} and amount < 0`,
      ['every balance and count'],
      () => 'account 999999',
    ],
    [
      'a wallet below zero',
      () =>
        `alter table accounts drop constraint balance_too_low; update accounts set balance = -5 where name = 'wallet:${client}'`,
      ['nothing is negative'],
      () => `wallet:${client}`,
    ],
    [
      'a reversal of something else',
      () =>
        `update transfers set reverses = (select id from transfers where key like '%:minute:2') where id = (select max(id) from transfers where key like '%:given-back')`,
      ['a reversal takes back'],
      () => 'transfer',
    ],
    [
      'a guard switched off',
      () => 'alter table entries disable trigger entries_check',
      ['the guards stand'],
      () => 'entries_check',
    ],
    [
      'a guard gone',
      () => 'drop trigger entries_append_only on entries',
      ['the guards stand'],
      () => 'entries_append_only',
    ],
    [
      'a wallet that has spent less than it did',
      () => `update accounts set spent = spent - 1 where name = 'wallet:${client}'`,
      ['what a wallet has spent', 'what a limit has used'],
      () => `wallet:${client}`,
    ],
    [
      'an account that spent and is no wallet',
      () => `update accounts set spent = 1 where name = 'promotions'`,
      ['what a wallet has spent'],
      () => 'promotions',
    ],
    [
      'a day that forgot what it used',
      () => `update budgets set baseline_cents = baseline_cents + 1 where key = '${client}:day'`,
      ['what a limit has used', 'the ceiling of a wallet'],
      () => `${client}:day`,
    ],
    [
      'a week that begins later',
      () => `update budgets set starts_at = '2100-01-01' where key = '${client}:week'`,
      ['what a limit has used'],
      () => `${client}:week`,
    ],
    [
      'a session’s maximum that forgot what it used',
      () => `update budgets set used_cents = used_cents - 1 where id = (select budget_id from meters)`,
      ['what a budget has used'],
      () => 'session:',
    ],
    [
      'a budget that nothing counts and that is used',
      () => `update budgets set used_cents = 1 where key = '${client}:session'`,
      ['what a budget has used'],
      () => `${client}:session`,
    ],
    [
      'a raised limit without its ceiling',
      () => `update budgets set limit_cents = limit_cents + 1 where key = '${client}:day'`,
      ['the ceiling of a wallet'],
      () => `wallet:${client}`,
    ],
    [
      'a ceiling taken away',
      () => `update accounts set spend_ceiling = null, ceiling_until = null where name = 'wallet:${client}'`,
      ['the ceiling of a wallet'],
      () => `wallet:${client}`,
    ],
    [
      'a ceiling that lasts for ever',
      () => `update accounts set ceiling_until = null where name = 'wallet:${client}'`,
      ['the ceiling of a wallet'],
      () => 'until ever',
    ],
    [
      'a ceiling without a limit',
      () => `update accounts set spend_ceiling = 5 where name like 'wallet:%' and spend_ceiling is null`,
      ['the ceiling of a wallet'],
      () => 'is held to 5',
    ],
    [
      'a closed hold opened again',
      () => `update holds set closed_by = null where transfer_id = ${of('reserve:posted')}`,
      ['a hold has what', 'what a hold posted'],
      () => 'hold:posted',
    ],
    [
      'an open hold called closed',
      () => `update holds set closed_by = ${of('release')} where transfer_id = ${of('reserve:open')}`,
      ['a hold has what'],
      () => 'hold:open',
    ],
    [
      'a hold closed by another’s transfer',
      () => `update holds set closed_by = ${of('release')} where transfer_id = ${of('reserve:posted')}`,
      ['a hold has what', 'what a hold posted'],
      () => 'hold:posted',
    ],
    [
      'an emptied hold',
      () => `update accounts set balance = 0 where name = 'hold:open'`,
      ['a hold has what', 'every balance'],
      () => 'hold:open',
    ],
    [
      'a hold with another payer',
      () => `update holds set payer_id = payer_id + 1 where transfer_id = ${of('reserve:open')}`,
      ['a hold has what'],
      () => 'not reserved by its payer',
    ],
    [
      'a hold that is gone',
      () => `delete from holds where transfer_id = ${of('reserve:open')}`,
      ['a hold has what'],
      () => 'hold:open',
    ],
    [
      'a hold of another reserve',
      () => `update holds set transfer_id = ${of('top')} where transfer_id = ${of('reserve:open')}`,
      ['a hold has what'],
      () => 'has no reserve',
    ],
    [
      'a refund reserve closed without a transfer',
      () => `update holds set closed_by = 999999 where transfer_id = ${of('rr')}`,
      ['a hold has what'],
      () => 'hold:refund',
    ],
    [
      'a hold that posted more',
      () => `update holds set posted_cents = posted_cents + 1 where transfer_id = ${of('reserve:posted')}`,
      ['what a hold posted'],
      () => 'hold:posted',
    ],
    [
      'a refund of an order forgotten',
      () => `update holds set refunded_cents = 0 where transfer_id = ${of('reserve:posted')}`,
      ['what a hold posted'],
      () => 'hold:posted',
    ],
    [
      'what was taken back whole, forgotten',
      () => `update holds set refunded_cents = 0 where transfer_id = ${of('reserve:taken')}`,
      ['what a hold posted'],
      () => 'hold:taken',
    ],
  ])('LED-23 LED-32: %s', async (_, text, checks, subject) => {
    const findings = await whenBroken(text());
    expect(findings.length).toBeGreaterThan(0);
    for (const check of checks)
      expect(findings.map((finding) => finding.check).filter((name) => name.startsWith(check))).not.toEqual(
        [],
      );
    expect(findings.map((finding) => `${finding.subject} ${finding.detail}`).join('\n')).toContain(subject());
  });
});

test('LED-23: the command says it, and fails when it is broken', async () => {
  const run = () =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../src/cli.ts'), 'verify-ledger'], {
      env: { PATH: process.env['PATH'], SOULSEER_ENV: 'development', DATABASE_URL: money.database.url },
    });
  expect((await run()).stdout).toMatch(
    /^The ledger is whole: \d+ accounts, 17 transfers, 43 entries checked in \d+ ms/,
  );
  const add = (cents: number) =>
    money.as('superuser', 'update accounts set balance = balance + $1 where name = $2', [
      cents,
      `wallet:${client}`,
    ]);
  await add(1);
  await expect(run()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`wallet:${client}`) });
  await add(-1);
});
