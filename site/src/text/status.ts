import type { ReaderStatus } from 'realtime/contract';

/** How a reader is, to whoever looks for one. */
export const statusWords: Record<ReaderStatus, string> = {
  online: 'Online now',
  busy: 'In a reading',
  away: 'Away for a moment',
  offline: 'Not online',
};
