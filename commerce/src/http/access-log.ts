import type { RequestHandler } from 'express';
import type { Log } from '../log';

/** Writes one line for each request when its answer is out, or the caller has gone (status 499). Query values stay out. */
export function accessLog(log: Log): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const { method, path } = request;
    const request_id = response.getHeader('x-request-id');
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 499;
      const duration_ms = Math.round((performance.now() - started) * 10) / 10;
      log.info('request', { request_id, method, path, status, duration_ms });
    });
    next();
  };
}
