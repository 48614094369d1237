/** Network addresses: whom a limit counts, and whose word about others is taken. Pure. */

import { BlockList, isIP, isIPv6 } from 'node:net';

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

/** This machine and private networks: what stands before us unless TRUSTED_PROXIES says otherwise. */
export const USUAL_PROXIES =
  '127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10';

/**
 * Whether an address is one of the proxies in a comma list of addresses and ranges; nothing when the list is none. Of
 * these alone `X-Forwarded-For` is believed.
 */
export function proxiesOf(list: string): ((address: string) => boolean) | undefined {
  const proxies = new BlockList();
  const parts = list.split(',').map((part) => part.trim());
  for (const part of parts) {
    const [address = '', bits, more] = part.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const most = family === 'ipv6' ? 128 : 32;
    if (isIP(address) === 0 || more !== undefined) return undefined;
    if (bits === undefined) proxies.addAddress(address, family);
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= most) proxies.addSubnet(address, Number(bits), family);
    else return undefined;
  }
  return (address) => {
    const plain = address.split('%', 1)[0] ?? '';
    const family = isIP(plain);
    return family !== 0 && proxies.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  };
}
