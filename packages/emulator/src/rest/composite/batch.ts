import type { HttpAnswer } from '../../http/route.js';
import { bodyOf, json, type RestCall } from '../rest-call.js';
import { bodyOfAnswer, isFailure, perform, subRequests } from './sub-request.js';

const HALTED = [{ errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request' }];

/** Requests that know nothing of each other; with `haltOnError`, none is performed after one that failed. */
export function batch(call: RestCall): HttpAnswer {
  const { batchRequests, haltOnError } = bodyOf(call);
  let halted = false;
  const results = subRequests('batchRequests', batchRequests).map(({ method, url, richInput }) => {
    if (halted) return { statusCode: 412, result: HALTED };
    const answer = perform(call, { method: String(method), url: String(url), body: richInput });
    halted = haltOnError === true && isFailure(answer);
    return { statusCode: answer.status, result: bodyOfAnswer(answer) };
  });
  return json({ hasErrors: results.some(({ statusCode }) => isFailure({ status: statusCode })), results });
}
