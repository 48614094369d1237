import { describe, expect, it } from 'vitest';
import {
  keyIdOf,
  SIGNATURE_WINDOW_MS,
  serviceSecrets,
  signRequest,
  verifyRequest,
} from '../../contract/signature.ts';

// The vector of docs/service-calls.md.
const secret = 'test-secret-of-one-pair';
const at = 1_800_000_000_000;
const request = {
  method: 'PUT',
  path: '/service/directory/people/7d1f6f5e-6a3c-4a1e-9a53-0f4c2b1a9d10?x=1',
  body: '{"version":1}',
};
const headers = signRequest(secret, request, at, '3f0e8c1c-2f7b-4f0c-8c55-0c4a5f1f2d11');
const callers = { cms: ['another', secret], site: ['third'] };

function check(
  changed: Partial<typeof request> & { headers?: Record<string, string | undefined> },
  now = at,
) {
  const sent: Record<string, string | undefined> = { ...headers, ...changed.headers };
  return verifyRequest(callers, { ...request, ...changed, header: (name) => sent[name] }, now);
}

describe('a signed call', () => {
  it('is as docs/service-calls.md has it', () => {
    expect(headers).toEqual({
      'x-soulseer-key': '4ad5256a9dd8c2dc',
      'x-soulseer-time': '1800000000000',
      'x-soulseer-nonce': '3f0e8c1c-2f7b-4f0c-8c55-0c4a5f1f2d11',
      'x-soulseer-signature': '3MDaCYY2H3sJw_4kV3j-UByeTH9wsxJovXPtrf1FV9s',
    });
  });

  it('is believed, and its caller known, under any of the pair’s secrets', () => {
    expect(check({})).toEqual({
      ok: true,
      caller: 'cms',
      nonce: headers['x-soulseer-nonce'],
      timeMs: at,
    });
    expect(serviceSecrets(' new , old,')).toEqual(['new', 'old']);
  });

  it.each([
    ['method', { method: 'POST' }],
    ['path', { path: request.path.replace('7d1f', '7d1e') }],
    ['query', { path: `${request.path}&y=2` }],
    ['body', { body: '{"version":2}' }],
    ['time', { headers: { 'x-soulseer-time': String(at + 1) } }],
    ['nonce', { headers: { 'x-soulseer-nonce': '3f0e8c1c-2f7b-4f0c-8c55-0c4a5f1f2d12' } }],
    ['signature', { headers: { 'x-soulseer-signature': 'AAAA' } }],
    ['key of another pair', { headers: { 'x-soulseer-key': keyIdOf('third') } }],
  ])('is refused when its %s was changed', (_, changed) => {
    expect(check(changed)).toEqual({ ok: false, code: 'signature_wrong' });
  });

  it.each(Object.keys(headers))('is refused without %s', (name) => {
    expect(check({ headers: { [name]: undefined } })).toEqual({ ok: false, code: 'signature_missing' });
  });

  it('is refused under a key that nobody gave out', () => {
    expect(check({ headers: { 'x-soulseer-key': keyIdOf('fourth') } })).toEqual({
      ok: false,
      code: 'signature_unknown_key',
    });
    const unset = verifyRequest({ cms: [] }, { ...request, header: (name) => headers[name] }, at);
    expect(unset).toEqual({ ok: false, code: 'signature_unknown_key' });
  });

  it('is refused five minutes from the callee’s clock, either way', () => {
    expect(check({}, at + SIGNATURE_WINDOW_MS).ok).toBe(true);
    expect(check({}, at + SIGNATURE_WINDOW_MS + 1)).toEqual({ ok: false, code: 'signature_expired' });
    expect(check({}, at - SIGNATURE_WINDOW_MS - 1)).toEqual({ ok: false, code: 'signature_expired' });
  });
});
