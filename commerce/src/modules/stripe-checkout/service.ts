import type {
  AuthorizePaymentInput,
  AuthorizePaymentOutput,
  BigNumberInput,
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
import type Stripe from 'stripe';
import { z } from 'zod';
import { toCents } from '../../money';
import { createStripe, PAYMENT_KEY, type StripeClient } from '../../payments/stripe';

/** How Medusa names this provider: `pp_`, the class's identifier, and the id in medusa-config. */
export const STRIPE_PROVIDER = 'pp_stripe_checkout';

const options = z.object({ secretKey: z.string(), apiUrl: z.string().optional() });

/** What payments/orders.ts gives, which alone opens payment sessions: no door lets a customer give any. */
const toStart = z.object({
  reference: z.string(),
  title: z.string(),
  customer: z.string(),
  success_url: z.string(),
  cancel_url: z.string(),
  /** Only authorised on the page, and captured when the order is there: for goods, which may have run out. */
  capture_later: z.boolean().optional(),
});
const toAdopt = z.object({ reference: z.string(), payment_intent: z.string() });
/** What is kept with Medusa's session and payment. */
const kept = z.object({
  checkout_session: z.string().optional(),
  payment_intent: z.string().optional(),
  booked_refund_cents: z.int().default(0),
});

export type StartData = z.infer<typeof toStart> | z.infer<typeof toAdopt>;

/** What starting a payment answers for the browser. */
export const started = z.object({ checkout_session: z.string(), checkout_url: z.string() });

function refuse(message: string): MedusaError {
  return new MedusaError(MedusaError.Types.NOT_ALLOWED, message);
}

/**
 * Medusa's side of a card payment on Stripe's hosted Checkout page. It says what Stripe says, and of money that is captured
 * it gives nothing back by itself: Medusa would undo a payment when a later step of an order fails, and a top-up goes forward
 * only. Refunds are made by payments/converge.ts and booked here once Stripe has them. Medusa wants a class.
 */
export class StripeCheckoutProvider extends AbstractPaymentProvider {
  static override identifier = 'stripe';
  readonly #stripe: StripeClient;

  constructor(cradle: Record<string, unknown>, given: Record<string, unknown>) {
    super(cradle, given);
    this.#stripe = createStripe(options.parse(given));
  }

  override async initiatePayment({
    amount,
    currency_code,
    data,
  }: InitiatePaymentInput): Promise<InitiatePaymentOutput> {
    const cents = centsOf(amount);
    const adopt = toAdopt.safeParse(data).data;
    if (adopt) {
      const intent = await this.#stripe.paymentIntents.retrieve(adopt.payment_intent);
      if (intent.metadata[PAYMENT_KEY] !== adopt.reference || intent.amount !== cents)
        throw refuse(`The payment ${intent.id} is not that of this cart.`);
      return { id: intent.id, data: { payment_intent: intent.id }, status: statusOf(intent) };
    }
    const start = toStart.parse(data);
    const metadata = { [PAYMENT_KEY]: start.reference };
    const session = await this.#stripe.checkout.sessions.create(
      {
        mode: 'payment',
        ui_mode: 'hosted_page',
        client_reference_id: start.reference,
        customer: start.customer,
        allowed_payment_method_types: ['card'],
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: currency_code.toLowerCase(),
              unit_amount: cents,
              product_data: { name: start.title },
            },
          },
        ],
        payment_intent_data: {
          description: start.title,
          metadata,
          ...(start.capture_later ? { capture_method: 'manual' as const } : {}),
        },
        // A card is kept when the person says so on Stripe's page, and not otherwise.
        saved_payment_method_options: { payment_method_save: 'enabled' },
        metadata,
        success_url: start.success_url,
        cancel_url: start.cancel_url,
      } as Stripe.Checkout.SessionCreateParams,
      { idempotencyKey: `checkout:${start.reference}` },
    );
    return {
      id: session.id,
      data: { checkout_session: session.id, checkout_url: session.url, reference: start.reference },
      status: 'pending' as PaymentSessionStatus,
    };
  }

  /** A Checkout Session's amount stands; a cart that changes gets another session. */
  override async updatePayment({ data }: UpdatePaymentInput): Promise<UpdatePaymentOutput> {
    throw refuse(
      `The payment ${kept.parse(data ?? {}).checkout_session ?? ''} can’t be changed: begin another.`,
    );
  }

  override async deletePayment({ data }: DeletePaymentInput): Promise<DeletePaymentOutput> {
    const { checkout_session } = kept.parse(data ?? {});
    const session = checkout_session && (await this.#stripe.checkout.sessions.retrieve(checkout_session));
    if (session && session.status === 'open') await this.#stripe.checkout.sessions.expire(session.id);
    if (session && session.status === 'complete') throw refuse(`The payment ${session.id} is made already.`);
    return { ...(data ? { data } : {}) };
  }

  override async authorizePayment({ data }: AuthorizePaymentInput): Promise<AuthorizePaymentOutput> {
    return this.#present(data);
  }

  override async getPaymentStatus({ data }: GetPaymentStatusInput): Promise<GetPaymentStatusOutput> {
    return this.#present(data);
  }

  override async retrievePayment({ data }: RetrievePaymentInput): Promise<RetrievePaymentOutput> {
    return { data: { ...(await this.#intent(data)) } };
  }

  override async capturePayment({ data }: CapturePaymentInput): Promise<CapturePaymentOutput> {
    const intent = await this.#intent(data);
    if (intent?.status === 'requires_capture')
      await this.#stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `capture:${intent.id}` });
    else if (intent?.status !== 'succeeded') throw refuse('There is no authorised payment to capture.');
    return { ...(data ? { data } : {}) };
  }

  override async cancelPayment({ data }: CancelPaymentInput): Promise<CancelPaymentOutput> {
    const intent = await this.#intent(data);
    // Thrown and not passed over, so that Medusa doesn't take the payment for cancelled.
    if (intent?.status === 'succeeded') throw refuse('Captured money goes back by a refund alone.');
    if (intent && intent.status !== 'canceled')
      await this.#stripe.paymentIntents.cancel(intent.id, {}, { idempotencyKey: `cancel:${intent.id}` });
    return { ...(data ? { data } : {}) };
  }

  override async refundPayment({ amount, data }: RefundPaymentInput): Promise<RefundPaymentOutput> {
    const { booked_refund_cents } = kept.parse(data ?? {});
    const booked = booked_refund_cents + centsOf(amount);
    const intent = await this.#intent(data, ['latest_charge']);
    const charge = intent?.latest_charge;
    const refunded = charge && typeof charge !== 'string' ? charge.amount_refunded : 0;
    if (booked > refunded)
      throw refuse('Stripe has made no such refund yet. Refund the payment itself, then go on.');
    return { data: { ...data, booked_refund_cents: booked } };
  }

  /** Stripe's events come to /stripe/webhook; Medusa's own route for them is shut. */
  override async getWebhookActionAndData(): Promise<WebhookActionResult> {
    return { action: 'not_supported' };
  }

  async #intent(
    data: Record<string, unknown> | undefined,
    expand: string[] = [],
  ): Promise<Stripe.PaymentIntent | undefined> {
    const { payment_intent, checkout_session } = kept.parse(data ?? {});
    if (payment_intent) return this.#stripe.paymentIntents.retrieve(payment_intent, { expand });
    if (!checkout_session) return undefined;
    const session = await this.#stripe.checkout.sessions.retrieve(checkout_session, {
      expand: ['payment_intent', ...expand.map((path) => `payment_intent.${path}`)],
    });
    return (session.payment_intent as Stripe.PaymentIntent | null) ?? undefined;
  }

  async #present(
    data: Record<string, unknown> | undefined,
  ): Promise<{ status: PaymentSessionStatus; data: Record<string, unknown> }> {
    const intent = await this.#intent(data);
    return {
      status: intent ? statusOf(intent) : ('pending' as PaymentSessionStatus),
      data: { ...data, ...(intent ? { payment_intent: intent.id } : {}) },
    };
  }
}

function statusOf({ status }: Stripe.PaymentIntent): PaymentSessionStatus {
  const said: Partial<Record<Stripe.PaymentIntent['status'], string>> = {
    succeeded: 'captured',
    requires_capture: 'authorized',
    canceled: 'canceled',
    requires_action: 'requires_more',
  };
  return (said[status] ?? 'pending') as PaymentSessionStatus;
}

/** Medusa gives amounts as numbers, strings or objects of its own. */
function centsOf(amount: BigNumberInput): number {
  return toCents(new BigNumber(amount).numeric);
}
