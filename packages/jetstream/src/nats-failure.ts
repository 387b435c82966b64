import { plainError, sentence, type EngineFailure } from '@rxforce/core/internal';
import { REFUSALS } from './nats-refusals.js';

/** Why a call to JetStream failed. */
export interface NatsFailure extends EngineFailure {
  /**
   * `conflict`: something else was written meanwhile. `missing`: the stream is not there. `unknown`: nothing is known
   * of what has happened.
   */
  readonly kind: 'conflict' | 'missing' | 'refused' | 'unknown';
}

/** What is known of the server, for a better advice. */
export interface ServerFacts {
  /** Whether the server says that it has JetStream, or JetStream has answered before. */
  readonly hasJetStream: boolean;
  /** The domain that calls go to. */
  readonly domain: string | undefined;
  readonly timeoutMs: number;
}

/** The codes of the server for a write that expects another last message. */
const CONFLICTS: readonly number[] = [10070, 10071, 10164];
const STREAM_NOT_FOUND = 10059;

/** Turns anything that nats.js throws into a failure. This is the only place that knows the errors of nats.js. */
export function natsFailure(thrown: unknown, facts: ServerFacts): NatsFailure {
  const said = messageOf(thrown);
  const cause = plainError(thrown);
  const { name = '', code } = Object(thrown) as { readonly name?: string; readonly code?: unknown };
  if (CONFLICTS.includes(code as number)) return { reason: sentence(said), retriable: true, kind: 'conflict', cause };
  if (code === STREAM_NOT_FOUND) {
    return { reason: `${sentence(said)} It is made anew.`, retriable: true, kind: 'missing', cause };
  }
  // Codes and classes: messages differ between versions.
  if (name === 'TimeoutError') return { reason: silence(facts), retriable: true, kind: 'unknown', cause };
  const known = REFUSALS.find(({ says }) => says.test(said));
  if (known) return { reason: `${sentence(said)} ${known.advice}`, retriable: known.retriable, kind: 'refused', cause };
  if (name === 'JetStreamNotEnabled' || said.startsWith('no responders')) return noResponders(facts, cause);
  const isRefusal = name.endsWith('ApiError') && (code as number) >= 10_000 && statusOf(thrown) < 500;
  if (isRefusal) return { reason: sentence(said), retriable: false, kind: 'refused', cause };
  return { reason: `${sentence(said)} It is tried again.`, retriable: true, kind: 'unknown', cause };
}

/** Whether JetStream says that it has no such stream. */
export function isNoStream(thrown: unknown): boolean {
  return (Object(thrown) as { readonly code?: unknown }).code === STREAM_NOT_FOUND;
}

function noResponders({ hasJetStream, domain }: ServerFacts, cause: unknown): NatsFailure {
  if (hasJetStream && domain === undefined) {
    const reason =
      'Nobody has answered: the stream is gone or without a leader, or JetStream is just starting. It is tried again.';
    return { reason, retriable: true, kind: 'missing', cause };
  }
  const advice =
    domain === undefined
      ? 'JetStream is not enabled on this server. Start it with "-js", or with "jetstream {}" in its configuration; or ' +
        'give `domain`, where JetStream is behind a leaf node.'
      : `Nobody has answered in the domain "${domain}". Check \`domain\`, and that JetStream is enabled there.`;
  return { reason: advice, retriable: domain !== undefined, kind: 'missing', cause };
}

function silence({ timeoutMs }: ServerFacts): string {
  return (
    `No answer came within ${timeoutMs} ms. Check that NATS runs and can be reached, and that its user may subscribe ` +
    'to its inbox ("_INBOX.>"). It is tried again.'
  );
}

/** The message of an error, with that of its cause where it has one: errors of requests say nothing themselves. */
function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { cause, message, name } = thrown;
  return message || (cause instanceof Error ? messageOf(cause) : name);
}

function statusOf(thrown: unknown): number {
  const { status } = Object(thrown) as { readonly status?: unknown };
  return typeof status === 'number' ? status : 400;
}
