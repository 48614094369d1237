import { expect, test } from 'vitest';
import { refusalOf, serviceSecrets, signRequest } from '../src/identity/signature';

const secret = 'test-secret-of-one-pair';
const request = {
  method: 'PUT',
  path: '/service/directory/people/7d1f6f5e-6a3c-4a1e-9a53-0f4c2b1a9d10?x=1',
  body: '{"version":1}',
};
const NOW = 1_800_000_000_000;
const signed = signRequest(secret, request, NOW, '3f0e8c1c-2f7b-4f0c-8c55-0c4a5f1f2d11');
const refusal = (
  headers: Record<string, string | undefined>,
  change: Partial<typeof request> = {},
  nowMs = NOW,
  secrets = [secret],
) => refusalOf(secrets, { ...request, ...change, header: (name) => headers[name] }, nowMs);

test('the vector of docs/service-calls.md', () => {
  expect(signed).toEqual({
    'x-soulseer-key': '4ad5256a9dd8c2dc',
    'x-soulseer-time': '1800000000000',
    'x-soulseer-nonce': '3f0e8c1c-2f7b-4f0c-8c55-0c4a5f1f2d11',
    'x-soulseer-signature': '3MDaCYY2H3sJw_4kV3j-UByeTH9wsxJovXPtrf1FV9s',
  });
  expect(refusal(signed)).toBeUndefined();
});

test('any of several secrets is believed, so that a key can be changed without a gap', () => {
  expect(serviceSecrets(' new , old,')).toEqual(['new', 'old']);
  expect(refusal(signed, {}, NOW, ['another', secret])).toBeUndefined();
});

test.each(['x-soulseer-key', 'x-soulseer-time', 'x-soulseer-nonce', 'x-soulseer-signature'])(
  'without %s: signature_missing',
  (name) => {
    expect(refusal({ ...signed, [name]: undefined })).toBe('signature_missing');
  },
);

test.each([{ method: 'POST' }, { path: `${request.path}1` }, { body: '{"version":2}' }, { body: '' }])(
  'with another %o: signature_wrong',
  (change) => {
    expect(refusal(signed, change)).toBe('signature_wrong');
  },
);

test.each([
  ['x-soulseer-time', '1800000000001'],
  ['x-soulseer-nonce', '3f0e8c1c-2f7b-4f0c-8c55-0c4a5f1f2d12'],
  ['x-soulseer-signature', 'AAAA'],
])('with another %s: signature_wrong', (name, value) => {
  expect(refusal({ ...signed, [name]: value })).toBe('signature_wrong');
});

test('a nonce that is no UUID is refused, though it was signed', () => {
  expect(refusal(signRequest(secret, request, NOW, 'again'))).toBe('signature_wrong');
});

test('more than five minutes from our clock, either way: signature_expired', () => {
  expect(refusal(signed, {}, NOW + 300_000)).toBeUndefined();
  expect(refusal(signed, {}, NOW + 300_001)).toBe('signature_expired');
  expect(refusal(signed, {}, NOW - 300_001)).toBe('signature_expired');
});

test('a key that we don’t know: signature_unknown_key', () => {
  expect(refusal(signed, {}, NOW, ['another'])).toBe('signature_unknown_key');
  expect(refusal(signed, {}, NOW, [])).toBe('signature_unknown_key');
});
