/** Checks a receipt, in Node and in a browser: docs/receipt.md. Apart from the rest, so that a page loads nothing else with it. */

export type { Receipt, ReceiptKey, ReceiptMinute } from '../src/receipts/format.ts';
export { type Verdict, verifyReceipt } from '../src/receipts/verify.ts';
