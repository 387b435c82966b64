import type { HttpAnswer } from '../../http/route.js';

/** An answer in CSV, which is compressed for clients that accept it. */
export function csvAnswer(body: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  const allHeaders = { 'content-type': 'text/csv;charset=UTF-8', ...headers };
  return { type: 'text', status: 200, body, headers: allHeaders, compress: true };
}
