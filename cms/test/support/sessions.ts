import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ReviewRight, reviewRight } from 'realtime/contract';
import { serviceSecrets, verifyRequest } from 'realtime/contract/signature';

/** Sessions as realtime knows them: what it answers who asks about one, by `session_id/person_id`. */
export type Sessions = {
  url: string;
  rights: Map<string, ReviewRight>;
  /** How often it was asked. */
  asked: () => number;
  close: () => Promise<void>;
};

/** The one door of realtime that reviews need: a real server, which answers only what is signed with the pair's key. */
export async function startSessions(secret: string, at = 0): Promise<Sessions> {
  const rights = new Map<string, ReviewRight>();
  let asked = 0;
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const header = (name: string) => request.headers[name]?.toString();
    const signed = { method: request.method ?? '', path, header };
    const verdict = verifyRequest({ cms: serviceSecrets(secret) }, signed, Date.now());
    const [, session_id, person_id] =
      /^\/service\/sessions\/([^/]+)\/review-right\?person_id=(.+)$/.exec(path) ?? [];
    const right = rights.get(`${session_id}/${person_id}`);
    asked += 1;
    const [status, body] = !verdict.ok
      ? [401, { code: verdict.code }]
      : right
        ? [200, reviewRight.parse(right)]
        : [404, { code: 'not_found' }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    rights,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
