import type { SessionView } from 'realtime/contract';
import { counted, modalityWords } from './words.ts';

type State = SessionView['state'];
export const stateWords: Record<State, string> = {
  created: 'Being asked',
  waiting: 'Waiting for the reader',
  active: 'Running',
  paused: 'Paused',
  reconnecting: 'Being taken up again',
  ended: 'Ended',
  finalized: 'Ended',
};

/** Why a reading ended, as far as it is told to both. */
const endWords: Record<NonNullable<SessionView['end']>['reason'], string> = {
  ended_by_client: 'Ended by the client',
  ended_by_reader: 'Ended by the reader',
  ended_by_staff: 'Ended by our staff',
  out_of_money: 'Ended when the wallet was empty',
  spending_limit: 'Ended by a spending limit',
  agreed_maximum: 'Ended at the agreed maximum',
  grace_expired: 'Ended, since nobody came back in time',
  too_many_pauses: 'Ended after too many pauses',
  declined: 'Declined',
  cancelled: 'Taken back',
  not_answered: 'Not answered',
  not_joined: 'Nobody came',
  suspended: 'Ended, since an account was suspended',
};

/** “Video, 4 minutes. Ended by the client.” */
export function readingWords({ modality, state, paid_minutes, end }: SessionView): string {
  const how = `${modalityWords[modality]}, ${counted(paid_minutes, 'minute')}`;
  return `${how}. ${end ? endWords[end.reason] : stateWords[state]}.`;
}
