import { readAmount, text } from './form.ts';

/** Money that comes by itself, as it is set up. */
export interface AutomaticSettings {
  card_id: string;
  amount_cents: number;
  threshold_cents: number;
  ceiling_cents: number;
  time_zone: string;
}

type Name = 'amount' | 'threshold' | 'ceiling';

/** What the form says, or what is wrong with which field; as it was typed in either case. */
export type AutomaticForm = { typed: Record<Name | 'card', string> } & (
  | { ok: true; settings: AutomaticSettings }
  | { ok: false; wrong: Partial<Record<Name | 'consent', string>> }
);

const leastThresholdCents = 100;
const mostThresholdCents = 50_000;
const mostCeilingCents = 1_000_000;

/** Reads the form of an automatic top-up. What one top-up may be, the shop says. */
export function readAutomaticForm(form: FormData, time_zone: string): AutomaticForm {
  const typed = {
    amount: text(form, 'amount'),
    threshold: text(form, 'threshold'),
    ceiling: text(form, 'ceiling'),
    card: text(form, 'card'),
  };
  const [amount, threshold, ceiling] = [typed.amount, typed.threshold, typed.ceiling].map(readAmount);
  const wrong: Partial<Record<Name | 'consent', string>> = {};
  if (!amount) wrong.amount = 'Write an amount in dollars, such as 25.';
  if (!threshold || threshold < leastThresholdCents || threshold > mostThresholdCents)
    wrong.threshold = 'Write an amount from $1 to $500.';
  if (!ceiling || ceiling > mostCeilingCents) wrong.ceiling = 'Write an amount of at most $10,000.';
  else if (amount && ceiling < amount) wrong.ceiling = 'This has to be at least what is added each time.';
  if (text(form, 'consent') !== 'yes') wrong.consent = 'Without your consent nothing is charged by itself.';
  if (amount && threshold && ceiling && Object.keys(wrong).length === 0)
    return {
      ok: true,
      typed,
      settings: {
        card_id: typed.card,
        amount_cents: amount,
        threshold_cents: threshold,
        ceiling_cents: ceiling,
        time_zone,
      },
    };
  return { ok: false, typed, wrong };
}
