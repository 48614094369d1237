// What `pnpm bench site` compares with: Node's `http` and nothing else, answering given bytes with given headers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BarePage {
  path: string;
  /** Names and values in turn. */
  headers: string[];
  /** In base64. */
  body: string;
}

const pages = new Map<string, { headers: string[]; body: Buffer }>();
const server = createServer((request, response) => {
  const page = pages.get(request.url ?? '');
  response.writeHead(page ? 200 : 404, page?.headers);
  response.end(page?.body);
});
server.listen(0, '127.0.0.1');

process.on('message', (given: BarePage[]) => {
  for (const { path, headers, body } of given)
    pages.set(path, { headers, body: Buffer.from(body, 'base64') });
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit());
