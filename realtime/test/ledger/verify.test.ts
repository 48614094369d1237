import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { createMoney, type Money } from '../support/money.ts';

let money: Money;
let client: string;
beforeEach(async () => {
  money = await createMoney();
  client = await money.person(10_000);
  const session = await money.session({ client, reader: await money.person() });
  await session.start(0);
  await session.tick(200);
  await session.stop(210, 'client', 100);
  await session.finalise();
});
afterEach(() => money.close());
afterAll(() => undefined);

/** As a superuser with the guards off, who is the only one that can. */
const broken = (text: string) =>
  money.as('superuser', `begin; set local session_replication_role = replica; ${text}; commit`);

test('LED-23: a whole ledger is proved, with rows and time', async () => {
  const proof = await verifyLedger(money.db);
  expect(proof).toMatchObject({ ok: true, findings: [], transfers: 7, entries: 20 });
  expect(proof.milliseconds).toBeGreaterThanOrEqual(0);
});

describe('a broken database is named', () => {
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
        `update transfers set reverses = (select id from transfers where key like '%:minute:2') where id = (select max(id) from transfers where kind = 'reversal')`,
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
  ])('LED-23: %s', async (_, text, checks, subject) => {
    await broken(text());
    const { ok, findings } = await verifyLedger(money.db);
    expect(ok).toBe(false);
    for (const check of checks)
      expect(findings.map((finding) => finding.check).some((name) => name.startsWith(check))).toBe(true);
    expect(findings.some((finding) => finding.subject.includes(subject()))).toBe(true);
  });
});

test('LED-23: the command says it, and fails when it is broken', async () => {
  const run = () =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../src/cli.ts'), 'verify-ledger'], {
      env: { PATH: process.env['PATH'], SOULSEER_ENV: 'development', DATABASE_URL: money.database.url },
    });
  expect((await run()).stdout).toMatch(
    /^The ledger is whole: \d+ accounts, 7 transfers, 20 entries checked in \d+ ms/,
  );
  await broken(`update accounts set balance = balance + 1 where name = 'wallet:${client}'`);
  await expect(run()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`wallet:${client}`) });
});
