import { RestProblem } from '../rest-problem.js';

/** What earlier requests of a composite were answered with, by their reference ids. */
export type Answers = ReadonlyMap<string, unknown>;

const REFERENCE = /@\{([^{}]*)\}/g;
const STEP = /^(?:\.?(\w+)|\[(\d+)\])/;

/**
 * Puts values of earlier answers into the places of references such as `@{newAccount.id}` or `@{found.records[0].Id}`.
 *
 * @param value - Any JSON; texts in it are looked through, names of fields are not.
 * @throws {@link RestProblem} when an earlier answer has no such value.
 */
export function resolved(value: unknown, answers: Answers): unknown {
  if (typeof value === 'string') {
    return withReferences(value, answers, String);
  }
  if (Array.isArray(value)) {
    return value.map((each: unknown) => resolved(each, answers));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each, answers)]));
  }
  return value;
}

/** The same in an address, where the values are encoded. */
export function resolvedUrl(url: string, answers: Answers): string {
  return withReferences(url, answers, encodeURIComponent);
}

function withReferences(text: string, answers: Answers, write: (value: string) => string): string {
  return text.replace(REFERENCE, (_, path: string) => write(String(valueAt(path, answers))));
}

function valueAt(path: string, answers: Answers): string | number | boolean {
  const [referenceId = ''] = path.split(/[.[]/, 1);
  let value = answers.get(referenceId);
  let rest = path.slice(referenceId.length);
  for (let step = STEP.exec(rest); step !== null && rest !== ''; step = STEP.exec(rest)) {
    value = propertyOf(value, step[1] ?? step[2] ?? '');
    rest = rest.slice(step[0].length);
  }
  if (rest !== '' || !(typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) {
    const message = `Invalid reference specified. No value for ${path} found in ${referenceId}`;
    throw new RestProblem(400, 'PROCESSING_HALTED', message);
  }
  return value;
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
