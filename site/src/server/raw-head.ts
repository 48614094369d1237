/** Of a request's head what decides whether, and how, a kept page answers it. */
export interface RawHead {
  request_id: string | undefined;
  cookie: string | undefined;
  accept_encoding: string | undefined;
  if_none_match: string | undefined;
  has_body: boolean;
}

/**
 * Reads `rawHeaders`, names and values in turn as they came: Node puts them all in order only for who asks for `headers`, which
 * takes longer than everything else that a kept page needs.
 */
export function readRawHead(raw: readonly string[]): RawHead {
  const head: RawHead = {
    request_id: undefined,
    cookie: undefined,
    accept_encoding: undefined,
    if_none_match: undefined,
    has_body: false,
  };
  for (let n = 0; n + 1 < raw.length; n += 2) {
    const name = raw[n] as string;
    const value = raw[n + 1] as string;
    // Most names are none of these by their length alone.
    switch (name.length) {
      case 6:
        if (name.toLowerCase() === 'cookie') head.cookie = joined(head.cookie, value, '; ');
        break;
      case 12:
        if (name.toLowerCase() === 'x-request-id') head.request_id = joined(head.request_id, value, ', ');
        break;
      case 13:
        if (name.toLowerCase() === 'if-none-match')
          head.if_none_match = joined(head.if_none_match, value, ', ');
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') head.has_body = true;
        break;
      case 15:
        if (name.toLowerCase() === 'accept-encoding')
          head.accept_encoding = joined(head.accept_encoding, value, ', ');
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') head.has_body = true;
        break;
    }
  }
  return head;
}

/** As Node joins what is said twice. */
const joined = (before: string | undefined, value: string, by: string): string =>
  before === undefined ? value : `${before}${by}${value}`;
