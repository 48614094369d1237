import type { RequestHandler } from 'express';
import { sendProblem } from './problem';

const wholeNumber = /^\d{1,9}$/;

/** Refuses a `limit` or `offset` that isn't a whole number: Medusa reads `12abc` as 12, and fails with 500 on -1. */
export const paging: RequestHandler = (request, response, next) => {
  for (const name of ['limit', 'offset']) {
    const given = request.query[name];
    if (given === undefined || (typeof given === 'string' && wholeNumber.test(given))) continue;
    return sendProblem(response, 400, 'invalid_query', `"${name}" has to be a whole number of 0 or more.`);
  }
  next();
};
