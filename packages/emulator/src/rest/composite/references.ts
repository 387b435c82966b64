import { RestProblem } from '../rest-problem.js';

/** The answers to earlier requests of a composite, by their reference ids. */
export type Answers = ReadonlyMap<string, unknown>;

const REFERENCE = /@\{([^{}]*)\}/g;
/** Most characters that the references of one request make, which is the emulator's own bound. */
const MAX_MADE = 6_000_000;
const STEP = /^(?:\.?(\w+)|\[(\d+)\])/;

/**
 * Puts values of earlier answers into the places of references such as `@{newAccount.id}` or `@{found.records[0].Id}`.
 *
 * @param value - Any JSON; texts in it are looked through, names of fields are not.
 * @throws {@link RestProblem} when an earlier answer has no such value, or the values are too long together.
 */
export function resolved(value: unknown, answers: Answers): unknown {
  return resolvedWithin(value, answers, bounded(String));
}

function resolvedWithin(value: unknown, answers: Answers, write: Writer): unknown {
  if (typeof value === 'string') return withReferences(value, answers, write);
  if (Array.isArray(value)) return value.map((each: unknown) => resolvedWithin(each, answers, write));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, resolvedWithin(each, answers, write)]),
    );
  }
  return value;
}

/** The same in an address, where the values are encoded. */
export function resolvedUrl(url: string, answers: Answers): string {
  return withReferences(url, answers, bounded(encodeURIComponent));
}

/** How a value is written in the place of a reference. */
type Writer = (value: string) => string;

/** The same writer, as long as what it has written is not too long: short requests could make texts without end. */
function bounded(write: Writer): Writer {
  let left = MAX_MADE;
  return (value) => {
    const written = write(value);
    left -= written.length;
    if (left < 0) {
      const message = `The references of a request stand for at most ${MAX_MADE} characters together.`;
      throw new RestProblem(400, 'LIMIT_EXCEEDED', message);
    }
    return written;
  };
}

function withReferences(text: string, answers: Answers, write: Writer): string {
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
