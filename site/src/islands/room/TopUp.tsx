import { useEffect, useRef, useState } from 'react';
import { api } from '../../live/browser.ts';
import { chargeUnheard, topUpTrouble } from '../../text/wallet.ts';
import { money } from '../../text/words.ts';

interface Offer {
  cards: { id: string; name: string }[];
  packs: { id: string; amount_cents: number }[];
}

/** Asked each time that it is shown: a card may have been kept in another tab meanwhile. */
const askOffer = async (): Promise<Offer | null> => {
  const answer = await api<Offer>('GET', '/wallet/one-tap');
  return answer.ok ? answer.value : null;
};

/**
 * More money without leaving: one press with a kept card, whose balance then comes by socket; without one, or for another
 * sum, the wallet in a new tab. `minutesCents` is what the next minutes cost: the smallest pack that pays them is offered.
 */
export default function TopUp({
  minutesCents,
  plain = false,
}: {
  minutesCents: number;
  /** Beside something that matters more. */
  plain?: boolean;
}) {
  const [offer, setOffer] = useState<Offer | null>(null);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<{ wrong: boolean; words: string } | null>(null);
  const key = useRef('');
  useEffect(() => void askOffer().then(setOffer), []);
  const card = offer?.cards[0];
  const packs = offer?.packs ?? [];
  const pack = packs.find(({ amount_cents }) => amount_cents >= minutesCents) ?? packs.at(-1);

  async function press(cardId: string, packId: string): Promise<void> {
    key.current ||= crypto.randomUUID();
    setBusy(true);
    setTold(null);
    const answer = await api<{ state: string; amount_cents: number }>('POST', '/wallet/one-tap', {
      body: { card: cardId, pack: packId },
      key: key.current,
    });
    setBusy(false);
    // Without an answer of the bank's the same press may be made again: it is charged once.
    const unheard = !answer.ok && (answer.refusal.status === 0 || answer.refusal.status >= 500);
    if (!unheard) key.current = '';
    if (unheard) setTold({ wrong: true, words: chargeUnheard });
    else if (!answer.ok) setTold({ wrong: true, words: topUpTrouble(answer.refusal.code) });
    else if (answer.value.state === 'credited')
      setTold({ wrong: false, words: `${money(answer.value.amount_cents)} is in your wallet.` });
    else setTold({ wrong: false, words: 'Paid, and on its way to your wallet.' });
  }

  return (
    <>
      {card && pack && (
        <button
          type="button"
          className={`button snug ${plain ? 'plain' : ''}`}
          disabled={busy}
          onClick={() => void press(card.id, pack.id)}
        >
          {busy ? 'One moment …' : `Add ${money(pack.amount_cents).replace(/\.00$/, '')} with ${card.name}`}
        </button>
      )}
      <a
        className={`button snug ${card || plain ? 'plain' : ''}`}
        href="/wallet?top-up"
        target="_blank"
        rel="noopener"
      >
        {card ? 'Another way, in a new tab' : 'Top up in a new tab'}
      </a>
      {told && (
        <p className={told.wrong ? 'room-error' : 'room-told'} role="status">
          {told.words}
        </p>
      )}
    </>
  );
}
