import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** What stands before us unless TRUSTED_PROXIES says otherwise: this machine and private networks. */
export const USUAL_PROXIES = ['loopback', 'linklocal', 'uniquelocal'];

const NAMED: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** The addresses and networks of a comma list, or nothing when one of them is none. */
export function proxyList(value: string): string[] | undefined {
  const list = value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const good = list.every((one) => {
    if (one in NAMED) return true;
    const [address = '', bits, more] = one.split('/');
    const family = isIP(address);
    if (family === 0 || more !== undefined) return false;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  });
  return good && list.length > 0 ? list : undefined;
}

/**
 * Finds out whom a request came from: the last address of the way that is not one of our own proxies. What a stranger
 * writes into X-Forwarded-For counts for nothing, since only what our proxies added is believed.
 */
export function createAddressOf(proxies: readonly string[]) {
  const ours = new BlockList();
  for (const one of proxies.flatMap((name) => NAMED[name] ?? [name])) {
    const [address = '', bits] = one.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    ours.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  const isOurs = (address: string) =>
    isIP(address) > 0 && ours.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');

  return (remote: string | undefined, forwarded: string | undefined): string => {
    const way = [...(forwarded ?? '').split(','), remote ?? '']
      .map((one) => plain(one.trim()))
      .filter(Boolean);
    let found = way.pop() ?? 'unknown';
    while (isOurs(found) && way.length > 0) {
      const before = way.pop() as string;
      // What is no address was made up before the first proxy that we know.
      if (isIP(before) === 0) break;
      found = before;
    }
    return found;
  };
}

/** IPv4 as IPv6 maps it is IPv4. */
function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/** The address itself, or for IPv6 its first 64 bits: one household has all the others. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** Set by our own server on every request before anything else sees it (server/requestLog.ts), whatever was sent. */
export const ADDRESS_HEADER = 'x-soulseer-address';

export function addressOf(headers: Headers): string {
  return headers.get(ADDRESS_HEADER) ?? 'unknown';
}
