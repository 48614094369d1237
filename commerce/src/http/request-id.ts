import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { requestContext } from '../log';

const HEADER = 'x-request-id';
const acceptable = /^[A-Za-z0-9_-]{8,64}$/;

/** Gives the request an id (the caller's, if well formed), echoes it, and keeps it for the log. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.get(HEADER);
  const id = given !== undefined && acceptable.test(given) ? given : randomUUID();
  // Medusa takes its own `requestId` from this header.
  request.headers[HEADER] = id;
  response.setHeader(HEADER, id);
  requestContext.run({ request_id: id }, next);
};
