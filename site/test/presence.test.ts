import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createPresence } from '../src/presence.ts';
import { startUpstream } from './helpers/upstream.ts';

const log = pino({ level: 'silent' });

it('who is online is asked once for many, and not again and again of somebody who doesn’t answer', async () => {
  let body: unknown = { readers: [{ reader_id: '1', status: 'online' }], server_time_ms: 1 };
  await using upstream = await startUpstream((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const presence = createPresence({ realtimeUrl: upstream.url, log });
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => presence.all(`r${index}`)));
  for (const one of all) expect([...(one ?? [])]).toEqual([['1', 'online']]);
  expect(upstream.requests).toHaveLength(1);
  // Nobody’s name or token goes along.
  expect(upstream.requests[0]?.headers).not.toHaveProperty('authorization');

  body = { readers: [{ reader_id: '1', status: 'asleep' }] };
  const other = createPresence({ realtimeUrl: upstream.url, log });
  expect(await other.all('r')).toBeNull();
  expect(await other.all('r')).toBeNull();
  expect(upstream.requests).toHaveLength(2);
});
