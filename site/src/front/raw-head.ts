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
    switch (name.toLowerCase()) {
      case 'cookie':
        head.cookie = joined(head.cookie, value, '; ');
        break;
      case 'x-request-id':
        head.request_id = joined(head.request_id, value);
        break;
      case 'accept-encoding':
        head.accept_encoding = joined(head.accept_encoding, value);
        break;
      case 'if-none-match':
        head.if_none_match = joined(head.if_none_match, value);
        break;
      case 'content-length':
      case 'transfer-encoding':
        head.has_body = true;
    }
  }
  return head;
}

/** As Node joins what is said twice. */
const joined = (before: string | undefined, value: string, by = ', '): string =>
  before === undefined ? value : `${before}${by}${value}`;
