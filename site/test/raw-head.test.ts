import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { readRawHead } from '../src/front/raw-head.ts';

it('a head reads as Node reads it, however it is written and however often a name is said', async () => {
  const seen: unknown[] = [];
  const server = createServer((asked, response) => {
    const { headers } = asked;
    seen.push([
      readRawHead(asked.rawHeaders),
      {
        request_id: headers['x-request-id'],
        cookie: headers.cookie,
        accept_encoding: headers['accept-encoding'],
        if_none_match: headers['if-none-match'],
        has_body: headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined,
      },
    ]);
    asked.resume();
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (headers: string[], body?: string) =>
    new Promise<void>((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', method: body === undefined ? 'GET' : 'POST', headers });
      sent.on('response', (answer) => answer.resume().on('end', resolve)).on('error', reject);
      sent.end(body);
    });
  try {
    const host = ['Host', 'localhost'];
    await ask(host);
    await ask([...host, 'COOKIE', 'a=b', 'cookie', 'c=d', 'X-Request-Id', 'one', 'x-request-id', 'two']);
    await ask([...host, 'Accept-Encoding', 'br', 'accept-encoding', 'gzip', 'If-None-Match', 'W/"x"']);
    await ask([...host, 'if-none-match', '"a"', 'IF-NONE-MATCH', '"b"', 'x-cookie', 'no', 'cookies', 'no']);
    await ask([...host, 'Content-Length', '2'], 'ab');
    await ask([...host, 'Transfer-Encoding', 'chunked'], 'ab');
  } finally {
    server.close();
  }
  expect(seen).toHaveLength(6);
  for (const pair of seen as [unknown, unknown][]) expect(pair[0]).toEqual(pair[1]);
});
