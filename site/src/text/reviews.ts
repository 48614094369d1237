import type { MINUTES_TO_REVIEW, SessionView } from 'realtime/contract';

/** Said again, since what is said of it in a browser needs no more of the contract; the compiler compares the two. */
const minutesToReview: typeof MINUTES_TO_REVIEW = 4;

/** Whether a session is one that whoever looks at it may review (S13), as far as it says itself. */
export const isReviewable = ({ you, state, cost_cents, rate_cents }: SessionView): boolean =>
  you === 'client' && state === 'finalized' && cost_cents / rate_cents >= minutesToReview;

/** What each number of stars is called. */
export const starWords = ['Not for me', 'Below what I hoped for', 'All right', 'Good', 'Just what I needed'];

/** Why a review, an answer or a flag was not taken, and what to do. */
export function reviewRefusal(code: string): string {
  switch (code) {
    case 'too_few_minutes':
      return 'A reading can be reviewed once at least four of its minutes were paid.';
    case 'not_finalized':
      return 'The reading isn’t quite finished. Try again in a moment.';
    case 'not_the_client':
    case 'not_found':
    case 'not_the_reader':
      return 'There is no such review for you.';
    case 'reader_gone':
      return 'The reader isn’t with us any more.';
    case 'edit_time_over':
      return 'A review can be changed for seven days, and those are over.';
    case 'already_answered':
      return 'It has been answered already; an answer stays as it is.';
    case 'invalid_request':
      return 'Give one to five stars and a few words, at most 2,000 characters.';
    case 'too_many_requests':
      return 'That was a lot at once. Wait a while and try again.';
    case 'ended':
      return 'Your session has ended. Nothing was sent: sign in again, then send it once more.';
    default:
      return 'That couldn’t be kept just now. Nothing is lost: try again in a moment.';
  }
}
