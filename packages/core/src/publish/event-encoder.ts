import { NO_FIELD, payloadEncoder, type PayloadEncoder } from '../codec/encoder.js';
import type { EventSchema } from '../codec/event-schema.js';
import { kindOf } from '../codec/value-kind.js';
import { PublishError } from '../model/errors.js';
import type { FieldProblem } from '../model/field-problem.js';
import { Err, Ok, type Result } from '../model/result.js';
import type { OutgoingEvent, PublishInput } from './publish-input.js';
import { envelopeBytes, eventBytes, framed } from './wire-size.js';

/** Largest event that the service takes: 1 MB. */
const MAX_EVENT_BYTES = 1_048_576;

/** The values for fields that an event leaves out. */
export interface EventDefaults {
  /** `CreatedDate`, in epoch milliseconds. */
  readonly now: () => number;
  /** `CreatedById`: the user's id, where it is known. */
  readonly createdById: string | undefined;
}

/** An event that is ready to send. */
export interface EncodedEvent {
  readonly event: OutgoingEvent;
  /** Its size in a request, in bytes. */
  readonly bytes: number;
}

/** Writes events of one topic by one schema. */
export class EventEncoder {
  private readonly write: PayloadEncoder;
  /** The required fields of every event that are in the schema. */
  private readonly required: readonly string[];

  constructor(
    private readonly topic: string,
    private readonly schema: EventSchema,
    private readonly defaults: EventDefaults,
    private readonly maxBatchBytes: number,
  ) {
    this.write = payloadEncoder(schema.type);
    const { fields } = schema.type as unknown as { readonly fields: readonly { readonly name: string }[] };
    this.required = fields.map(({ name }) => name).filter((name) => Object.hasOwn(DEFAULTS, name));
  }

  get schemaId(): string {
    return this.schema.id;
  }

  /** Returns the event as it is sent, or the reason why it cannot be sent. Never throws. */
  encode(input: PublishInput<never>, id: string): Result<EncodedEvent, PublishError> {
    try {
      return this.encodeReadable(input, id);
    } catch (cause) {
      return Err(this.invalid(id, [UNREADABLE], { cause }));
    }
  }

  private encodeReadable(input: PublishInput<never>, id: string): Result<EncodedEvent, PublishError> {
    const problems = envelopeProblems(input);
    if (problems.length > 0) return Err(this.invalid(id, problems));
    const payload = this.write(this.withDefaults(input.data));
    if (payload.err) return Err(this.invalid(id, payload.val));
    const event = { id, schemaId: this.schemaId, payload: payload.val, headers: headersOf(input) };
    const bytes = eventBytes(event);
    if (bytes > MAX_EVENT_BYTES) return Err(this.tooLarge(id, bytes, 'an event', MAX_EVENT_BYTES));
    const alone = envelopeBytes(this.topic) + framed(bytes);
    if (alone > this.maxBatchBytes) return Err(this.tooLarge(id, alone, 'maxBatchBytes', this.maxBatchBytes));
    return Ok({ event, bytes: framed(bytes) });
  }

  private withDefaults(data: unknown): unknown {
    if (kindOf(data) !== 'an object') return data;
    const given = data as Readonly<Record<string, unknown>>;
    const filled = this.required.map((name) => [name, given[name] ?? DEFAULTS[name]?.(this.defaults)]);
    return { ...given, ...(Object.fromEntries(filled) as Record<string, unknown>) };
  }

  private invalid(
    eventId: string,
    problems: readonly FieldProblem[],
    details: { readonly cause?: unknown } = {},
  ): PublishError {
    const hint = problems.some(({ path, actual }) => path === 'CreatedById' && actual === 'missing') ? NO_USER : '';
    return new PublishError(
      'invalid',
      `The event does not fit the schema of ${this.topic} and was not sent: ${problems.map(told).join('; ')}.${hint}`,
      { topic: this.topic, schemaId: this.schemaId, eventId, problems, ...details },
    );
  }

  private tooLarge(eventId: string, bytes: number, what: string, most: number): PublishError {
    return new PublishError(
      'too-large',
      `The event has ${bytes} bytes, and was not sent: ${what} may have ${most}. Send less, such as the id of a record that ` +
        'subscribers read.',
      { topic: this.topic, eventId },
    );
  }
}

/** The fields that the service requires in every platform event. */
const DEFAULTS: Readonly<Record<string, (defaults: EventDefaults) => unknown>> = {
  CreatedDate: ({ now }) => now(),
  CreatedById: ({ createdById }) => createdById,
};

const NO_USER =
  ' The session does not tell which user it is of, so give createdById, the id of the user who publishes: with another ' +
  "user's id the event is published, and no trigger or flow of the org gets it.";

/** The cause's own text is left out, as it may hold a value. */
const UNREADABLE: FieldProblem = {
  path: 'event',
  expected: 'an object of plain values',
  actual: 'one that throws when it is read (see cause)',
};

function told({ path, expected, actual }: FieldProblem): string {
  const name = path === '' ? 'data' : path;
  if (actual === NO_FIELD) return `${name} is ${NO_FIELD} (is it ${expected}?)`;
  return `${name} must be ${expected}, but is ${actual}`;
}

/** The mistakes of JavaScript callers, who have no compiler. */
function envelopeProblems(input: unknown): FieldProblem[] {
  if (typeof input !== 'object' || input === null) {
    return [{ path: 'event', expected: 'an object such as { data: { … } }', actual: kindOf(input) }];
  }
  const { id, headers } = input as Readonly<Record<string, unknown>>;
  const problems: FieldProblem[] = [];
  const wrongId = id === undefined ? undefined : wrongIdKind(id);
  if (wrongId !== undefined) problems.push({ path: 'id', expected: 'a text that is not empty', actual: wrongId });
  if (headers !== undefined && !isHeaders(headers)) {
    problems.push({ path: 'headers', expected: 'an object of texts and bytes', actual: 'something else' });
  }
  return problems;
}

function wrongIdKind(id: unknown): string | undefined {
  if (typeof id !== 'string') return kindOf(id);
  if (id === '') return 'empty';
  // The id would come back as another text, so the answer would match no request.
  return /\p{Surrogate}/u.test(id) ? 'a text with half a character (a lone surrogate)' : undefined;
}

function isHeaders(headers: unknown): boolean {
  const isHeader = (value: unknown) => typeof value === 'string' || value instanceof Uint8Array;
  return kindOf(headers) === 'an object' && Object.values(headers as object).every(isHeader);
}

function headersOf({ headers = {} }: PublishInput<never>): OutgoingEvent['headers'] {
  return Object.entries(headers).map(([key, value]) => ({ key, value: Buffer.from(value as string) }));
}
