import type { IncomingMessage } from 'node:http';
import { refusalOf } from '../../src/identity/signature';
import { listen } from './listen';

interface Payment {
  person_id: string;
  credited: number;
  refunded: number;
  reserved: number;
  disputed: number;
}
interface Said {
  status: number;
  body: object;
}

/**
 * realtime's side of the contract for the shop's money (docs/service-calls.md), with rules of its own account: enough to see
 * what the shop tells it, in which order, and to fail when told. test/realtime.test.ts has the real one.
 */
export async function openLedger(secret: string) {
  const wallets = new Map<string, { balance: number; debt: number }>();
  const payments = new Map<string, Payment>();
  const refunds = new Map<string, { payment_id: string; person_id: string; amount: number; state: string }>();
  const disputes = new Map<
    string,
    { person_id: string; payment_id: string; taken: number; debt: number; closed?: boolean }
  >();
  const known = new Map<string, string>();
  const nonces = new Set<string>();
  const calls: string[] = [];
  const audit: unknown[] = [];
  const mails: unknown[] = [];
  let transfers = 0;
  let away = false;
  /** Answers to be lost after the work is done. */
  let lost = 0;

  const wallet = (person: string) => {
    const found = wallets.get(person) ?? { balance: 0, debt: 0 };
    wallets.set(person, found);
    return found;
  };
  const problem = (status: number, code: string, figures: object = {}): Said => ({
    status,
    body: { type: 'about:blank', title: code, status, code, ...figures },
  });
  const done = (person: string, replayed: boolean): Said => {
    const { balance, debt } = wallet(person);
    return {
      status: 200,
      body: { transfer_id: ++transfers, replayed, balance_cents: balance, debt_cents: debt },
    };
  };
  /** Money that comes in pays a debt first. */
  const give = (person: string, amount: number) => {
    const it = wallet(person);
    const paid = Math.min(it.debt, amount);
    it.debt -= paid;
    it.balance += amount - paid;
  };
  /** Money that must go: what the wallet lacks becomes debt. */
  const take = (person: string, amount: number) => {
    const it = wallet(person);
    const taken = Math.min(it.balance, amount);
    it.balance -= taken;
    it.debt += amount - taken;
    return { taken, debt: amount - taken };
  };

  function answer(method: string, path: string, text: string): Said {
    const body = (text ? JSON.parse(text) : {}) as Record<string, never>;
    const {
      person_id,
      payment_id,
      amount_cents: amount,
    } = body as unknown as {
      person_id: string;
      payment_id: string;
      amount_cents: number;
    };
    const parts = path.split('/').slice(2).map(decodeURIComponent);
    const [kind = '', id = '', act = ''] = parts;
    if (method === 'POST' && path === '/service/payments/compare') {
      const ids = (body as unknown as { payment_ids: string[] }).payment_ids;
      const found = ids.flatMap((one) => {
        const it = payments.get(one);
        return it
          ? [
              {
                payment_id: one,
                person_id: it.person_id,
                credited_cents: it.credited,
                refunded_cents: it.refunded,
                disputed_cents: it.disputed,
              },
            ]
          : [];
      });
      return { status: 200, body: { payments: found } };
    }
    // Orders by wallet are tested with realtime itself.
    if (method === 'GET' && path.startsWith('/service/holds?'))
      return { status: 200, body: { holds: [], next_after: null } };
    if (method === 'GET' && kind === 'payments') {
      const it = payments.get(id);
      if (!it) return problem(404, 'unknown_payment');
      const { balance, debt } = wallet(it.person_id);
      return {
        status: 200,
        body: {
          person_id: it.person_id,
          credited_cents: it.credited,
          refunded_cents: it.refunded,
          reserved_cents: it.reserved,
          disputed_cents: it.disputed,
          refundable_cents: Math.min(it.credited - it.refunded - it.reserved, balance),
          balance_cents: balance,
          debt_cents: debt,
        },
      };
    }
    if (method === 'POST' && path === '/service/wallets/low') {
      const { wallets: asked } = body as unknown as { wallets: { person_id: string; below_cents: number }[] };
      const low = asked.flatMap((one) => {
        const { balance } = wallet(one.person_id);
        return balance < one.below_cents ? [{ person_id: one.person_id, balance_cents: balance }] : [];
      });
      return { status: 200, body: { low } };
    }
    const before = known.get(path);
    if (before !== undefined && before !== text) return problem(409, 'key_reused');
    const replayed = before !== undefined;
    if (method === 'PUT' && kind === 'audit') {
      if (!replayed) audit.push({ event_id: id, ...body });
      known.set(path, text);
      return { status: 204, body: {} };
    }
    if (method === 'PUT' && kind === 'mails') {
      if (!replayed) mails.push(body);
      known.set(path, text);
      return { status: 204, body: {} };
    }
    if (method === 'PUT' && kind === 'payments') {
      if (replayed) return done(person_id, true);
      payments.set(id, { person_id, credited: amount, refunded: 0, reserved: 0, disputed: 0 });
      give(person_id, amount);
      known.set(path, text);
      return done(person_id, false);
    }
    if (method === 'PUT' && kind === 'refunds') {
      const refund = refunds.get(id);
      if (act === '') {
        if (replayed) return done(person_id, true);
        const it = payments.get(payment_id);
        if (!it) return problem(404, 'unknown_payment');
        const refundable = Math.min(it.credited - it.refunded - it.reserved, wallet(person_id).balance);
        if (amount > refundable) return problem(409, 'not_refundable', { refundable_cents: refundable });
        it.reserved += amount;
        wallet(person_id).balance -= amount;
        refunds.set(id, { payment_id, person_id, amount, state: 'reserved' });
        known.set(path, text);
        return done(person_id, false);
      }
      if (act === 'post') {
        const it = payments.get(payment_id);
        if (!it) return problem(404, 'unknown_payment');
        if (refund?.state === 'posted') return done(person_id, true);
        if (refund?.state === 'reserved') it.reserved -= amount;
        else take(person_id, amount);
        it.refunded += amount;
        refunds.set(id, { payment_id, person_id, amount, state: 'posted' });
        known.set(path, text);
        return done(person_id, false);
      }
      if (!refund) return problem(404, 'unknown_refund');
      if (refund.state === 'posted') return problem(409, 'refund_posted');
      if (refund.state === 'reserved') {
        const it = payments.get(refund.payment_id);
        if (it) it.reserved -= refund.amount;
        give(refund.person_id, refund.amount);
        refund.state = 'released';
      }
      return done(refund.person_id, replayed);
    }
    if (method === 'PUT' && kind === 'disputes') {
      const dispute = disputes.get(id);
      if (act === '') {
        if (dispute) return done(person_id, true);
        const it = payments.get(payment_id);
        if (!it) return problem(404, 'unknown_payment');
        disputes.set(id, { person_id, payment_id, ...take(person_id, amount) });
        it.disputed += amount;
        known.set(path, text);
        return done(person_id, false);
      }
      if (!dispute) return problem(404, 'unknown_dispute');
      if (dispute.closed) return done(person_id, true);
      dispute.closed = true;
      known.set(path, text);
      const it = payments.get(dispute.payment_id);
      if ((body as unknown as { won: boolean }).won) {
        give(person_id, dispute.taken);
        wallet(person_id).debt = Math.max(0, wallet(person_id).debt - dispute.debt);
        if (it) it.disputed -= amount;
      }
      return done(person_id, false);
    }
    return problem(404, 'not_found');
  }

  const server = await listen((request: IncomingMessage, response, body) => {
    if (away) return response.writeHead(503).end();
    const { method = '', url: path = '' } = request;
    const header = (name: string) => request.headers[name]?.toString();
    const refusal = refusalOf([secret], { method, path, body, header }, Date.now());
    const nonce = header('x-soulseer-nonce') ?? '';
    if (refusal || nonces.has(nonce)) return response.writeHead(401).end('{"code":"signature"}');
    nonces.add(nonce);
    calls.push(`${method} ${path}`);
    const said = answer(method, path, body.toString());
    if (lost > 0) {
      lost -= 1;
      return response.destroy();
    }
    if (said.status === 204) return response.writeHead(204).end();
    return response
      .writeHead(said.status, {
        'content-type': said.status < 400 ? 'application/json' : 'application/problem+json',
      })
      .end(JSON.stringify(said.body));
  });

  return {
    url: server.url,
    calls,
    audit,
    mails,
    payments,
    wallet,
    /** Spent elsewhere. */
    spend: (person: string, amount: number) => (wallet(person).balance -= amount),
    setAway: (value: boolean) => (away = value),
    loseAnswers: (count: number) => (lost = count),
    close: server.close,
  };
}

export type LedgerStandIn = Awaited<ReturnType<typeof openLedger>>;
