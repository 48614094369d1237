import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminUrl, databaseUrl, query, randomName } from '../support/database.ts';
import { freePort } from '../support/ports.ts';
import { runProgram } from '../support/process.ts';
import { connect, startReceiver, WEBHOOK_SECRET } from './support.ts';

// As the platform has it: a role that owns its database and is nothing more.
const role = { name: randomName('payments_owner'), password: 'sandbox-password' };
const name = randomName('payments_test');
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  await query(adminUrl(), `CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}'`);
  await query(adminUrl(), `CREATE DATABASE ${name} OWNER ${role.name}`);
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await query(adminUrl(), `DROP DATABASE ${name} WITH (FORCE)`);
  await query(adminUrl(), `DROP ROLE ${role.name}`);
});

it('names everything that is missing and ends with 78', async () => {
  const running = runProgram('src/payments/main.ts', { SOULSEER_ENV: 'production', PORT: 'x' });
  expect(await running.exited).toBe(78);
  for (const missing of [
    'SOULSEER_ENV',
    'PORT',
    'ORIGIN',
    'DATABASE_URL',
    'STRIPE_SECRET_KEY',
    'WEBHOOK_ENDPOINTS',
  ]) {
    expect(running.output()).toContain(missing);
  }
});

it('W6: killed with events on their way, tells them after it is back; stops cleanly when asked', async () => {
  const port = await freePort();
  const environment = {
    SOULSEER_ENV: 'development',
    PORT: String(port),
    ORIGIN: `http://localhost:${port}`,
    DATABASE_URL: databaseUrl(name, role),
    STRIPE_SECRET_KEY: 'sandbox-secret',
    WEBHOOK_ENDPOINTS: JSON.stringify([{ url: receiver.url, secret: WEBHOOK_SECRET }]),
    RETRY_MS: '200',
  };
  // Two first starts at once make one schema.
  const [first, other] = [
    runProgram('src/payments/main.ts', environment),
    runProgram('src/payments/main.ts', { ...environment, PORT: String(await freePort()) }),
  ];
  await Promise.all([first.says('listening'), other.says('listening')]);
  other.child.kill('SIGTERM');
  expect(await other.exited).toBe(0);

  receiver.answers.push(...Array.from({ length: 4 }, () => 500));
  const customer = await connect(port, 'sandbox-secret').customers.create();
  first.child.kill('SIGKILL');
  await first.exited;

  const again = runProgram('src/payments/main.ts', environment);
  await again.says('listening');
  await expect.poll(() => receiver.answers.length, { timeout: 40_000 }).toBe(0);
  await expect.poll(() => receiver.deliveries.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(5);
  expect(receiver.events()[0]?.data.object).toMatchObject({ id: customer.id });
  expect(again.output()).not.toContain('sandbox-secret');
  again.child.kill('SIGTERM');
  expect(await again.exited).toBe(0);
});
