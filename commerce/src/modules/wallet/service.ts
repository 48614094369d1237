import type {
  AuthorizePaymentInput,
  AuthorizePaymentOutput,
  CancelPaymentInput,
  CancelPaymentOutput,
  CapturePaymentInput,
  CapturePaymentOutput,
  DeletePaymentInput,
  DeletePaymentOutput,
  GetPaymentStatusInput,
  GetPaymentStatusOutput,
  InitiatePaymentInput,
  InitiatePaymentOutput,
  PaymentSessionStatus,
  RefundPaymentInput,
  RefundPaymentOutput,
  RetrievePaymentInput,
  RetrievePaymentOutput,
  UpdatePaymentInput,
  UpdatePaymentOutput,
  WebhookActionResult,
} from '@medusajs/framework/types';
import { AbstractPaymentProvider, BigNumber, MedusaError } from '@medusajs/framework/utils';
import { z } from 'zod';
import { clock } from '../../clock';
import { personIdOf } from '../../identity/person';
import { toCents } from '../../money';
import { createLedger, type Ledger, type LedgerRefusal } from '../../payments/ledger';

/** How Medusa names this provider: `pp_`, the class's identifier, and the id in medusa-config. */
export const WALLET_PROVIDER = 'pp_wallet_ledger';

const options = z.object({ realtimeUrl: z.string(), secret: z.string() });
/** How long money stays held for an order that is not captured, in milliseconds. */
const HOLD_MS = 24 * 60 * 60_000;

/** What is kept with Medusa's session and payment. All of it is written here, whatever a caller gave. */
const kept = z.object({
  hold: z.string(),
  person_id: z.uuid(),
  amount_cents: z.int(),
  ends_at_ms: z.int(),
  booked_refund_cents: z.int().default(0),
});
type Kept = z.infer<typeof kept>;

/** A hold as the ledger is asked for it: by whoever begins an order, and once more by Medusa when it authorises. */
export interface HoldOfSession {
  hold: string;
  person_id: string;
  amount_cents: number;
  ends_at_ms: number;
  details: { hold: string };
}

/** `data` is that of a payment session or payment of this provider's. */
export function holdOf(data: unknown): HoldOfSession {
  const { hold, person_id, amount_cents, ends_at_ms } = kept.parse(data);
  return { hold, person_id, amount_cents, ends_at_ms, details: { hold } };
}

/** The ledger's no, with its code and figures: `insufficient_balance`, `spending_limit`, `spending_paused` … */
export class WalletRefused extends MedusaError {
  readonly refusal: LedgerRefusal;

  constructor(refusal: LedgerRefusal) {
    super(
      MedusaError.Types.NOT_ALLOWED,
      `The wallet can’t pay for this order: ${refusal.code}`,
      refusal.code,
    );
    this.refusal = refusal;
  }
}

/**
 * Pays an order out of the wallet that realtime's ledger keeps: authorise = hold, capture = post, cancel = release. Refunds
 * are made by shop/settle-order.ts and booked here once the ledger has them, as those of cards are. Who pays is the customer
 * that Medusa was given by our own route, never what a session's `data` says; limits (W8) bind in the ledger.
 */
export class WalletProvider extends AbstractPaymentProvider {
  static override identifier = 'wallet';
  readonly #ledger: Ledger;

  constructor(cradle: Record<string, unknown>, given: Record<string, unknown>) {
    super(cradle, given);
    this.#ledger = createLedger({ ...options.parse(given), clock });
  }

  override async initiatePayment({ amount, context }: InitiatePaymentInput): Promise<InitiatePaymentOutput> {
    const person_id = personIdOf('cus', context?.customer?.id);
    const hold = context?.idempotency_key;
    if (!person_id || !hold) throw refuse('Only a person who is signed in can pay by wallet.');
    const data: Kept = {
      hold,
      person_id,
      amount_cents: toCents(new BigNumber(amount).numeric),
      ends_at_ms: clock.now() + HOLD_MS,
      booked_refund_cents: 0,
    };
    return { id: hold, data: { ...data }, status: 'pending' as PaymentSessionStatus };
  }

  /** A cart that changes gets another session. */
  override async updatePayment({ data }: UpdatePaymentInput): Promise<UpdatePaymentOutput> {
    throw refuse(`The payment ${kept.parse(data ?? {}).hold} can’t be changed: begin another.`);
  }

  override async deletePayment({ data }: DeletePaymentInput): Promise<DeletePaymentOutput> {
    const known = kept.safeParse(data).data;
    if (known) await this.#release(known);
    return { ...(data ? { data } : {}) };
  }

  override async authorizePayment({ data }: AuthorizePaymentInput): Promise<AuthorizePaymentOutput> {
    const { hold, ...wanted } = holdOf(data);
    const held = await this.#ledger.hold(hold, wanted);
    if (!held.ok) throw new WalletRefused(held);
    return { status: 'authorized' as PaymentSessionStatus, data: { ...data } };
  }

  override async capturePayment({ data }: CapturePaymentInput): Promise<CapturePaymentOutput> {
    const { hold, amount_cents } = kept.parse(data);
    const posted = await this.#ledger.postHold(hold, amount_cents);
    if (!posted.ok) throw new WalletRefused(posted);
    return { data: { ...data } };
  }

  override async cancelPayment({ data }: CancelPaymentInput): Promise<CancelPaymentOutput> {
    await this.#release(kept.parse(data));
    return { data: { ...data } };
  }

  override async refundPayment({ amount, data }: RefundPaymentInput): Promise<RefundPaymentOutput> {
    const known = kept.parse(data);
    const booked_refund_cents = known.booked_refund_cents + toCents(new BigNumber(amount).numeric);
    const standing = await this.#ledger.holdStanding(known.hold);
    if (!standing || booked_refund_cents > standing.refunded_cents)
      throw refuse('The ledger has made no such refund yet. Refund the payment itself, then go on.');
    return { data: { ...known, booked_refund_cents } };
  }

  override async retrievePayment({ data }: RetrievePaymentInput): Promise<RetrievePaymentOutput> {
    return { data: { ...(await this.#ledger.holdStanding(kept.parse(data).hold)) } };
  }

  override async getPaymentStatus({ data }: GetPaymentStatusInput): Promise<GetPaymentStatusOutput> {
    const standing = await this.#ledger.holdStanding(kept.parse(data).hold);
    const said = { held: 'authorized', posted: 'captured', released: 'canceled' } as const;
    return { status: (standing ? said[standing.state] : 'pending') as PaymentSessionStatus };
  }

  /** The ledger sends no events. */
  override async getWebhookActionAndData(): Promise<WebhookActionResult> {
    return { action: 'not_supported' };
  }

  async #release({ hold }: Kept): Promise<void> {
    const released = await this.#ledger.releaseHold(hold);
    // What was never held, or went back by itself, is released. What is captured goes back by a refund alone.
    if (released.ok || released.code === 'unknown_hold') return;
    if ((await this.#ledger.holdStanding(hold))?.state === 'released') return;
    throw new WalletRefused(released);
  }
}

function refuse(message: string): MedusaError {
  return new MedusaError(MedusaError.Types.NOT_ALLOWED, message);
}
