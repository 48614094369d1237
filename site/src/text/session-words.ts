import type { QueuePlace, SessionView } from 'realtime/contract';
import type { Refusal } from '../live/api.ts';
import type { DeviceFault } from '../live/media/devices.ts';
import type { Kind } from '../live/media/media.ts';
import type { Side } from '../live/session.ts';
import { counted, money } from './words.ts';

type EndReason = NonNullable<SessionView['end']>['reason'];

/** Everything that is said of a session, in one place. `you` and `other` are whoever reads it, and the one across. */

const byYou = 'You ended it';

/** Why a session ended, to whoever was in it. */
export function endWords(reason: EndReason, you: Side, other: string): string {
  switch (reason) {
    case 'ended_by_client':
      return you === 'client' ? byYou : `${other} ended it`;
    case 'ended_by_reader':
      return you === 'reader' ? byYou : `${other} ended it`;
    case 'ended_by_staff':
      return 'Our staff ended it';
    case 'out_of_money':
      return you === 'client' ? 'The money in your wallet was used up' : 'The client’s money was used up';
    case 'spending_limit':
      return you === 'client' ? 'Your spending limit was reached' : 'The client’s own limit was reached';
    case 'agreed_maximum':
      return 'The agreed maximum was reached';
    case 'grace_expired':
      return 'One of you was away for too long';
    case 'too_many_pauses':
      return 'It was interrupted too often';
    case 'declined':
      return you === 'reader' ? 'You said no' : `${other} couldn’t take it just now`;
    case 'cancelled':
      return you === 'client' ? 'You took the request back' : `${other} took the request back`;
    case 'not_answered':
      return you === 'reader' ? 'You didn’t answer in time' : `${other} didn’t answer in time`;
    case 'not_joined':
      return 'You didn’t both come in in time';
    case 'suspended':
      return 'It had to be stopped';
  }
}

/** Whether a session came about at all. */
export const cameAbout = ({ summary, active_ms }: Pick<SessionView, 'summary' | 'active_ms'>): boolean =>
  (summary?.active_ms ?? active_ms) > 0;

/** What a session is doing, in a word or two. */
export function stateWords({
  state,
  accepted,
  pause,
}: Pick<SessionView, 'state' | 'accepted' | 'pause'>): string {
  switch (state) {
    case 'created':
    case 'waiting':
      return accepted ? 'About to begin' : 'Waiting for an answer';
    case 'active':
      return 'Going on now';
    case 'paused':
      return pause?.cause === 'lost' ? 'Interrupted' : 'Paused';
    case 'reconnecting':
      return 'Being taken up again';
    case 'ended':
    case 'finalized':
      return 'Ended';
  }
}

/** What a refusal means, and what to do. */
export function refusalWords(refusal: Refusal, other = 'The reader'): string {
  const { code, needed_cents, available_cents } = refusal;
  switch (code) {
    case 'insufficient_balance':
      return needed_cents === undefined
        ? 'There isn’t enough money in the wallet for the next minute.'
        : `This needs ${money(needed_cents)}, and there ${available_cents === undefined ? 'is less' : `are ${money(available_cents)}`} in your wallet. Top it up, then try again.`;
    case 'reader_busy':
      return `${other} is with somebody else just now. You can get in line.`;
    case 'reader_away':
      return `${other} is away for a moment. Try again a little later.`;
    case 'reader_offline':
      return `${other} is not online just now.`;
    case 'reader_free':
      return `${other} is free: you can begin now.`;
    case 'reader_not_found':
      return 'This reader doesn’t take readings just now.';
    case 'already_in_session':
      return 'You are in a reading already. Finish that one first.';
    case 'modality_not_offered':
      return `${other} doesn’t offer that any more. Load the page again to see what is offered.`;
    case 'own_session':
      return 'Nobody can have a reading with themselves.';
    case 'spending_limit':
      return 'The limit that you have set for your spending is in the way. You can look at it in your wallet.';
    case 'agreed_maximum':
      return 'The agreed maximum is used up. Raise it to go on.';
    case 'not_a_raise':
      return 'That is no more than was agreed already.';
    case 'queue_full':
      return 'The line is full. Try again a little later.';
    case 'too_many_places':
      return 'You are in five lines already. Leave one of them first.';
    case 'session_ended':
      return 'This reading is over.';
    case 'grace_expired':
      return 'The time to come back is over, and the reading has ended.';
    case 'not_started':
    case 'not_asked_yet':
      return 'It hasn’t begun yet.';
    case 'only_the_client':
      return 'Only the client can do that.';
    case 'only_the_reader':
      return 'Only the reader can do that.';
    case 'too_many_requests':
      return 'That was a lot at once. Wait a moment and try again.';
    case 'unreachable':
      return 'There is no connection just now. We try again by ourselves.';
    case 'not_signed_in':
      return 'You are signed out. Sign in again to go on.';
    case 'account_suspended':
      return 'Your account is suspended.';
    default:
      return 'That didn’t work. Try again in a moment.';
  }
}

const deviceNames: Record<Kind, string> = { audio: 'microphone', video: 'camera' };

/** Why there is no camera or microphone, and what to do about it. */
export function deviceWords(kind: Kind, fault: DeviceFault): { title: string; todo: string } {
  const name = deviceNames[kind];
  switch (fault) {
    case 'denied':
      return {
        title: `Your browser doesn’t let us use the ${name}`,
        todo: `Press the sign beside the address at the top, allow the ${name}, and press “Try again”. On a phone it may also be in the settings of the browser itself.`,
      };
    case 'missing':
      return {
        title: `We found no ${name}`,
        todo: `Plug one in or switch it on, then press “Try again”.`,
      };
    case 'busy':
      return {
        title: `The ${name} is used by something else`,
        todo: 'Close other calls or programs that use it, then press “Try again”.',
      };
    case 'insecure':
      return {
        title: `This browser gives no ${name} here`,
        todo: 'Open the page in a current browser, by its https address.',
      };
    case 'failed':
      return { title: `The ${name} didn’t start`, todo: 'Press “Try again”, or choose another one.' };
  }
}

/** “about 20 minutes”, as a line is judged. */
export function waitWords({ estimate_ms }: Pick<QueuePlace, 'estimate_ms'>): string {
  if (estimate_ms === null) return 'We can’t say yet how long it will take.';
  const minutes = Math.max(1, Math.round(estimate_ms / 60_000));
  return `It may take about ${counted(minutes, 'minute')}, by the last readings.`;
}

export const statusWords = {
  online: 'Online now',
  busy: 'In a reading',
  away: 'Away for a moment',
  offline: 'Not online',
} as const;

export const qualityWords = {
  good: 'Good connection',
  fair: 'Fair connection',
  poor: 'Poor connection',
} as const;

const places = new Intl.PluralRules('en-GB', { type: 'ordinal' });
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** “1st”, “22nd”. */
export const ordinal = (place: number): string => `${place}${endings[places.select(place)] ?? 'th'}`;

const dates = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

/** “24 November 2026 at 10:21”, by UTC: a server doesn’t know where somebody is. */
export const moment = (ms: number): string => dates.format(new Date(ms));
