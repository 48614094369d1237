/** Who can sign in: the demo accounts of a file, and those that people made here. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type pg from 'pg';
import { z } from 'zod';

export interface Account {
  /** Stable for an email address: `sandbox|` and a slug of it. */
  sub: string;
  email: string;
  display_name: string;
  role?: string | undefined;
  status?: string | undefined;
}

export type CreateResult = { account: Account } | { refused: 'taken' };

export interface Accounts {
  /** The demo accounts, in the order of the file. */
  demo(): Promise<Account[]>;
  find(sub: string): Promise<Account | undefined>;
  /** The account with this address and password, or nothing. */
  verify(email: string, password: string): Promise<Account | undefined>;
  create(email: string, displayName: string, password: string): Promise<CreateResult>;
}

const person = z.object({
  email: z.email().transform((value) => value.toLowerCase()),
  display_name: z.string().min(1),
  role: z.string().optional(),
  status: z.string().optional(),
});
const accountsFile = z.union([
  z.array(person),
  z.object({ people: z.array(person) }).transform(({ people }) => people),
]);

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;

/** `client@soulseer.test` → `sandbox|client-soulseer-test`. */
export function subjectOf(email: string): string {
  return `sandbox|${email.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
}

export function createAccounts({
  pool,
  file,
  demoPassword,
}: {
  pool: pg.Pool;
  file: string;
  demoPassword: string;
}): Accounts {
  let read: { changed: number; accounts: Account[] } | undefined;

  /** The file may be written, or written again, while we run. */
  async function demo(): Promise<Account[]> {
    const changed = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (changed === undefined) return [];
    if (read?.changed !== changed) {
      const people = accountsFile.parse(JSON.parse(await readFile(file, 'utf8')));
      read = { changed, accounts: people.map((one) => ({ ...one, sub: subjectOf(one.email) })) };
    }
    return read.accounts;
  }

  async function made(column: 'sub' | 'email', value: string) {
    const { rows } = await pool.query<Account & { password_hash: string }>(
      `SELECT sub, email, display_name, password_hash FROM identity_accounts WHERE ${column} = $1`,
      [value],
    );
    return rows[0];
  }

  return {
    demo,
    async find(sub) {
      return (await demo()).find((account) => account.sub === sub) ?? (await made('sub', sub));
    },
    async verify(email, password) {
      const wanted = email.trim().toLowerCase();
      const shown = (await demo()).find((account) => account.email === wanted);
      if (shown) return sameText(password, demoPassword) ? shown : undefined;
      const account = await made('email', wanted);
      return account && (await matches(password, account.password_hash)) ? account : undefined;
    },
    async create(email, displayName, password) {
      const address = email.trim().toLowerCase();
      const sub = subjectOf(address);
      // Two addresses may share a slug (a.b@ and a-b@): the second is refused, so a subject is always one person.
      if ((await demo()).some((account) => account.sub === sub)) return { refused: 'taken' };
      const { rowCount } = await pool.query(
        `INSERT INTO identity_accounts (sub, email, display_name, password_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING`,
        [sub, address, displayName, await hash(password)],
      );
      if (!rowCount) return { refused: 'taken' };
      return { account: { sub, email: address, display_name: displayName } };
    },
  };
}

async function hash(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${(await derive(password, salt, 32)).toString('base64url')}`;
}

async function matches(password: string, kept: string): Promise<boolean> {
  const [salt = '', key = ''] = kept.split('.');
  return timingSafeEqual(
    await derive(password, Buffer.from(salt, 'base64url'), 32),
    Buffer.from(key, 'base64url'),
  );
}

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
