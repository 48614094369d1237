import { randomUUID } from 'node:crypto';
import diagnostics from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { ADDRESS_HEADER, createAddressOf } from '../protection/address.ts';

type Started = { request: IncomingMessage; response: ServerResponse; server: Server };

const GIVEN_ID = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * Gives every request an id and a line in the log, whatever answers it: page, API or file.
 * Node tells of each request before Next sees it, so Next needs no proxy (which would read bodies) and no wrapping.
 * @returns the servers that have answered something, and the answers under way.
 */
export function logRequests(
  logger: Logger,
  proxies: readonly string[],
): {
  servers: ReadonlySet<Server>;
  underWay: ReadonlySet<ServerResponse>;
} {
  const servers = new Set<Server>();
  const underWay = new Set<ServerResponse>();
  const addressOf = createAddressOf(proxies);

  diagnostics.subscribe('http.server.request.start', (message) => {
    const { request, response, server } = message as Started;
    const startedAt = performance.now();
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && GIVEN_ID.test(given) ? given : randomUUID();
    request.headers['x-request-id'] = requestId;
    response.setHeader('x-request-id', requestId);
    // Whatever a stranger calls themselves: behind this point the header is ours.
    const forwarded = request.headers['x-forwarded-for'];
    request.headers[ADDRESS_HEADER] = addressOf(request.socket.remoteAddress, String(forwarded ?? ''));
    servers.add(server);
    underWay.add(response);

    const path = (request.url ?? '/').split('?', 1)[0];
    response.once('close', () => {
      underWay.delete(response);
      logger.info(
        {
          request_id: requestId,
          method: request.method,
          path,
          // Without an end the client went away first; what would have been answered says nothing.
          status: response.writableFinished ? response.statusCode : 499,
          duration_ms: Math.round(performance.now() - startedAt),
        },
        'request',
      );
    });
  });
  return { servers, underWay };
}
