import { SendHorizontal } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { ChatLine, Room } from '../../live/room.ts';
import type { Side } from '../../live/session.ts';

interface Props {
  room: Room;
  lines: ChatLine[];
  you: Side;
  other: string;
  isTyping: boolean;
  /** When it is over, only to read. */
  readOnly?: boolean;
}

/** The longest message, as realtime takes it. */
const longest = 2_000;
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** What the two write to each other. Enter sends, Shift and Enter begin a new line. */
export default function Chat({ room, lines, you, other, isTyping, readOnly = false }: Props) {
  const [text, setText] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows what is new
  useEffect(() => {
    const element = list.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [lines.length, isTyping]);

  const send = () => {
    room.write(text);
    setText('');
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <div className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reached by keyboard */}
      <div ref={list} className="lines" role="log" aria-label={`Messages with ${other}`} tabIndex={0}>
        <ol>
          {lines.length === 0 && (
            <li className="none">
              {readOnly ? 'Nothing was written.' : 'What you write here, you can both read later.'}
            </li>
          )}
          {lines.map((line) => (
            <li key={line.key} className={line.side === you ? 'mine' : 'theirs'}>
              <span className="unseen">{line.side === you ? 'You' : other}: </span>
              <p>{line.text}</p>
              <span className="small quiet">
                {line.state === 'failed' ? (
                  <button type="button" className="link" onClick={() => room.again(line.key)}>
                    Not sent. Try again
                  </button>
                ) : line.state === 'sending' ? (
                  'Sending …'
                ) : (
                  <time dateTime={new Date(line.at_ms).toISOString()}>{time.format(line.at_ms)}</time>
                )}
              </span>
            </li>
          ))}
        </ol>
      </div>
      {!readOnly && (
        <>
          <p className="typing small quiet" role="status">
            {isTyping ? `${other} is writing …` : ''}
          </p>
          <form
            className="compose"
            onSubmit={(event) => {
              event.preventDefault();
              send();
            }}
          >
            <label className="unseen" htmlFor={`${id}text`}>
              Message to {other}
            </label>
            <textarea
              id={`${id}text`}
              className="input"
              rows={1}
              maxLength={longest}
              placeholder={`Write to ${other}`}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                room.typing();
              }}
              onKeyDown={onKey}
            />
            <button type="submit" className="round" aria-label="Send" disabled={text.trim() === ''}>
              <SendHorizontal aria-hidden="true" />
            </button>
          </form>
        </>
      )}
    </div>
  );
}
