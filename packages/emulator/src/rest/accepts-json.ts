/** The accepted types that include JSON. */
const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);

/** Whether a client accepts JSON, by its `Accept` header. A client without the header accepts everything. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim().toLowerCase()))
    .some(
      ([type = '', ...parameters]) => JSON_RANGES.has(type) && !parameters.some((each) => /^q=0(\.0*)?$/.test(each)),
    );
}
