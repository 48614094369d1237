import { BlockList, isIP } from 'node:net';

/** `::ffff:192.0.2.1` is 192.0.2.1. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

export interface Forwarded {
  /** Whom the request comes from, as far as those that we trust say. */
  address: string;
  /** What is told to the next program in `X-Forwarded-For`. */
  chain: string;
}

/**
 * Tells whom a request comes from. `X-Forwarded-For` is read from its end, and only as far as each address that says so
 * is one of the proxies: what a visitor wrote there is never believed, nor passed on.
 *
 * @param proxies addresses and networks.
 */
export function createForwarded(
  proxies: readonly string[],
): (peer: string | undefined, header: string | string[] | undefined) => Forwarded {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) => trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

  return (peer, header) => {
    const told = (Array.isArray(header) ? header.join(',') : (header ?? ''))
      .split(',')
      .map((one) => plain(one.trim()))
      .filter(Boolean);
    const chain = [plain(peer ?? '')];
    while (chain[0] && isIP(chain[0]) && isTrusted(chain[0])) {
      const next = told.pop();
      if (next === undefined || !isIP(next)) break;
      chain.unshift(next);
    }
    return { address: chain[0] ?? '', chain: chain.join(', ') };
  };
}

/** What limits are counted by: an IPv6 address stands for its network of 64 bits, which one household has to itself. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const gap = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...gap, ...right]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')}::/64`;
}
