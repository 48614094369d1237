import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Express 4 does not hear of what an async handler throws; this tells it. */
export function caught(
  handler: (request: Request, response: Response, next: NextFunction) => Promise<unknown>,
): RequestHandler {
  return (request, response, next) => {
    handler(request, response, next).catch(next);
  };
}
