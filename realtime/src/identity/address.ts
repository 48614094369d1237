/** Network addresses: whom a limit counts, and whose word about others is taken. Pure. */

import { isIP, isIPv6 } from 'node:net';

/** The address itself, or for IPv6 its first 64 bits: one household has all the others. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
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

/** What stands before us unless TRUSTED_PROXIES says otherwise: this machine and private networks. */
export const USUAL_PROXIES = ['loopback', 'linklocal', 'uniquelocal'];

/** The addresses and ranges of a comma list, or nothing when one of them is none. */
export function proxyList(value: string): string[] | undefined {
  const list = value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  const good = list.every((one) => {
    if (USUAL_PROXIES.includes(one)) return true;
    const [address = '', bits, more] = one.split('/');
    const family = isIP(address);
    if (family === 0 || more !== undefined) return false;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  });
  return good && list.length > 0 ? list : undefined;
}
