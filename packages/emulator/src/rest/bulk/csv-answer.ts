import type { HttpAnswer } from '../../http/route.js';

/** An answer in CSV. */
export function csvAnswer(body: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { type: 'text', status: 200, body, headers: { 'content-type': 'text/csv;charset=UTF-8', ...headers } };
}
