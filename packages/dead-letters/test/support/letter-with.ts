import type { DeadLetter } from '../../src/dead-letter-queue.js';

/** The letter with an id: its content follows from that. */
export function letterWith(id: string, attempts = 1): DeadLetter {
  return {
    id,
    value: { id, commitNumber: BigInt(id.length) ** 70n, at: new Date(id.length), text: id.repeat(20) },
    payload: Buffer.from(id.repeat(20)),
    schemaId: 'schema',
    topic: '/data/LeadChangeEvent',
    replayId: 'AAE=',
    error: { name: 'Error', message: `no ${id}\n`, code: undefined, stack: undefined },
    attempts,
    firstFailedAt: 1,
    lastFailedAt: attempts,
  };
}
