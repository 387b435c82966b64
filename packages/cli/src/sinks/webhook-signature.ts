import { createHash, createHmac } from 'node:crypto';
import { eventIdOf } from './event-id.js';
import type { SinkEvent } from './sink.js';

/** A message that is signed. */
export interface SignedMessage {
  /** The same for each attempt, so that the other side recognises what it has. */
  readonly id: string;
  /** In seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * The headers of Standard Webhooks: who gets a message can tell that it is ours, and that it is not an old one.
 *
 * @param secret - `whsec_` and a key in base64; any other text is the key itself.
 */
export function signatureHeaders(secret: string, { id, timestamp, body }: SignedMessage): Record<string, string> {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...messageHeaders({ id, timestamp }), 'webhook-signature': `v1,${signature}` };
}

/** The headers that a message has with or without a signature. */
export function messageHeaders({ id, timestamp }: Pick<SignedMessage, 'id' | 'timestamp'>): Record<string, string> {
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp) };
}

/** The id of a message with these events. */
export function messageIdOf(events: readonly SinkEvent[]): string {
  const hash = createHash('sha256');
  events.forEach((event) => hash.update(`${event.topic} ${eventIdOf(event)} ${String(event.replayId)}\n`));
  return `msg_${hash.digest('base64url').slice(0, 27)}`;
}
