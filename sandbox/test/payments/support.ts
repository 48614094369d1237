import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import Stripe from 'stripe';
import { type PaymentsEnvironment, paymentsEnvironment } from '../../src/environment.ts';
import { createLog } from '../../src/log.ts';
import { startPayments } from '../../src/payments/payments.ts';
import { createDatabase } from '../support/database.ts';
import { freePort } from '../support/ports.ts';

export const SECRET_KEY = 'sandbox-secret-key-of-tests';
export const WEBHOOK_SECRET = 'sandbox-webhook-secret-of-tests';

export interface Delivery {
  headers: IncomingHttpHeaders;
  payload: string;
  event: Stripe.Event;
}

/** An endpoint as the shop's: checks the signature with the real SDK and keeps what came. */
export async function startReceiver(): Promise<{
  url: string;
  deliveries: Delivery[];
  events: (type?: string) => Stripe.Event[];
  /** What the next requests are answered; 200 when there is nothing. */
  answers: number[];
  stop: () => Promise<void>;
}> {
  const deliveries: Delivery[] = [];
  const answers: number[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const payload = Buffer.concat(chunks).toString('utf8');
      try {
        const event = Stripe.webhooks.constructEvent(
          payload,
          request.headers['stripe-signature'] ?? '',
          WEBHOOK_SECRET,
        );
        deliveries.push({ headers: request.headers, payload, event });
        response.writeHead(answers.shift() ?? 200).end();
      } catch {
        response.writeHead(400).end();
      }
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}/stripe/webhook`,
    deliveries,
    events: (type) =>
      deliveries.map(({ event }) => event).filter((event) => type === undefined || event.type === type),
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The real SDK, pointed at a sandbox on this machine. */
export function connect(port: number, key = SECRET_KEY, more: ConstructorParameters<typeof Stripe>[1] = {}) {
  return new Stripe(key, {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...more,
  });
}

export interface Sandbox {
  stripe: Stripe;
  environment: PaymentsEnvironment;
  database: { url: string };
  receiver: Awaited<ReturnType<typeof startReceiver>>;
  /** Stops and starts the service, as a restart of the machine would. */
  restart: (while_?: () => Promise<void>) => Promise<void>;
  /** The control over HTTP. */
  control: <Answer = unknown>(
    method: 'GET' | 'POST',
    path: string,
    params?: Record<string, unknown>,
  ) => Promise<Answer>;
  stop: () => Promise<void>;
}

export async function startSandbox(more: Record<string, string> = {}): Promise<Sandbox> {
  const database = await createDatabase();
  const receiver = await startReceiver();
  const port = await freePort();
  const environment = paymentsEnvironment.parse({
    SOULSEER_ENV: 'development',
    PORT: String(port),
    LOG_LEVEL: 'silent',
    ORIGIN: `http://localhost:${port}`,
    DATABASE_URL: database.url,
    STRIPE_SECRET_KEY: SECRET_KEY,
    WEBHOOK_ENDPOINTS: JSON.stringify([{ url: receiver.url, secret: WEBHOOK_SECRET }]),
    RETRY_MS: '50',
    LATER_MS: '100',
    ...more,
  });
  const log = createLog('payments', 'silent');
  let service = await startPayments(environment, log);
  const stripe = connect(port);
  return {
    stripe,
    environment,
    database,
    receiver,
    async restart(while_) {
      await service.stop();
      await while_?.();
      service = await startPayments(environment, log);
    },
    async control(method, path, params) {
      return (await stripe.rawRequest(method, path, method === 'POST' ? params : undefined)) as never;
    },
    async stop() {
      await service.stop();
      await receiver.stop();
      await database.drop();
    },
  };
}

/** What the SDK threw, as it threw it. */
export async function refusal(promise: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
