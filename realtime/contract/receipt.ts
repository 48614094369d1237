/** The keys that receipts are signed with. A receipt itself is described in docs/receipt.md and is text, to the byte. */

import { z } from 'zod';

export const receiptKey = z
  .object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), kid: z.string(), x: z.string() })
  .meta({ id: 'ReceiptKey', description: 'An Ed25519 public key as a JWK' });
export const receiptKeys = z
  .object({ keys: z.array(receiptKey) })
  .meta({ id: 'ReceiptKeys', description: 'As at /.well-known/receipt-keys.json' });
export type ReceiptKeys = z.infer<typeof receiptKeys>;
