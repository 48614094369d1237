/** A person's wallet, as they see it. Amounts are whole US cents. */

import { z } from 'zod';

export const wallet = z
  .object({
    balance_cents: z.int().min(0).describe('what can be spent now; what is held has moved out already'),
    debt_cents: z.int().min(0).describe('what the next top-ups pay first'),
  })
  .meta({ id: 'Wallet' });
export type Wallet = z.infer<typeof wallet>;
