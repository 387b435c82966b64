import { Ok } from '@rxforce/core/model';
import { expect } from 'chai';
import { positionOf } from './log-position.js';
import { readingStart } from './log-start.js';
import type { LogStreams } from './log-streams.js';

describe('readingStart', () => {
  /** After the first of three entries, in a stream that says these ends one after the other, and has nothing then. */
  const startAfterFirst = (...all: { readonly first: number; readonly last: number }[]) => {
    const none = () => Promise.resolve(Ok(null));
    const ends = () => Promise.resolve(Ok({ ...all.shift()!, replicas: 1 }));
    const streams = { ends, endsFrom: ends, nextOf: none, messageAt: none };
    return readingStart(streams as unknown as LogStreams, { topic: 'topic', partition: 0, from: positionOf(1, 0) });
  };

  it('is no start, when what follows is dropped while it is looked for', async () => {
    const start = await startAfterFirst({ first: 1, last: 3 }, { first: 4, last: 3 });
    expect(start.err && start.val).to.include({ code: 'replay-id-invalid' });
  });

  it('is the end, when all that follows is of other partitions', async () => {
    const start = await startAfterFirst({ first: 1, last: 3 }, { first: 1, last: 3 });
    expect(start.ok && start.val.after).to.equal(3);
  });
});
