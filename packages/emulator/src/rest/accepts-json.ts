/** What a client may accept, when answers in JSON are meant for it. */
const JSON_RANGES = new Set(['application/json', 'application/*', '*/*']);

/** Whether a client takes JSON, by its `Accept` header. One that does not say takes all. */
export function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim().toLowerCase()))
    .some(
      ([type = '', ...parameters]) => JSON_RANGES.has(type) && !parameters.some((each) => /^q=0(\.0*)?$/.test(each)),
    );
}
