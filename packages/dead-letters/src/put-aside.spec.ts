import { expect } from 'chai';
import { ConfigurationError, DeadLetterQueueError, type UndecodableEvent } from '@rxforce/core/model';
import { changeEvent, runMarbles } from '@rxforce/core/testing';
import { VirtualTimeScheduler } from 'rxjs';
import { fakeDeadLetters, type Mishap } from '../test/support/fake-dead-letters.js';
import { putAside } from './put-aside.js';

const AT_ONCE = { delays: { type: 'constant', delayMs: 0 } } as const;
const failing = (...mishaps: Mishap[]) => fakeDeadLetters({ mishap: (_method, count) => mishaps[count - 1] });

describe('putAside', () => {
  it('resolves, when the queue has a letter of the value and its error', async () => {
    const queue = failing();
    const { id, topic, replayId, schemaId } = changeEvent();
    const event: UndecodableEvent = { id, topic, replayId, schemaId, payload: Uint8Array.of(1) };
    const done = putAside(queue)(event, new Error('no'));
    expect(queue.letters()).to.deep.equal([]);
    await done;
    const [letter, ...others] = queue.letters();
    expect(others).to.deep.equal([]);
    expect(letter).to.deep.include({ value: event, payload: event.payload, attempts: 1 });
    expect(letter!.error.message).to.equal('no');
  });

  it('is what onUndecodable takes', () => {
    runMarbles(({ fakeClient, cold, expectObservable }) => {
      const events$ = fakeClient({ Lead: cold('-|') }).changes('Lead', { onUndecodable: putAside(failing()) });
      expectObservable(events$).toBe('-|');
    });
  });

  it('puts a letter for each member of a batch, all at once', async () => {
    const queue = failing();
    await putAside(queue)(['a', 'b'], 'no');
    expect(queue.letters().map(({ value }) => value)).to.deep.equal(['a', 'b']);
    expect(queue.calls).to.have.length(1);
  });

  it('takes the time from its scheduler', async () => {
    const queue = failing();
    const scheduler = new VirtualTimeScheduler();
    scheduler.frame = 77;
    await putAside(queue, { scheduler })('a', 'no');
    expect(queue.letters()[0]).to.include({ firstFailedAt: 77, lastFailedAt: 77 });
  });

  it('tries again, with the same letter, when the queue fails for now', async () => {
    const queue = failing('unheard', 'retriable');
    await putAside(queue, AT_ONCE)('a', 'no');
    expect(queue.calls).to.have.length(3);
    expect(queue.letters()).to.have.length(1);
  });

  for (const mishap of ['permanent', 'rejects', 'throws', 'nonsense'] as const) {
    it(`rejects with a DeadLetterQueueError, when the queue fails for good: ${mishap}`, async () => {
      const outcome = await putAside(failing(mishap))('a', 'no').catch((error: unknown) => error);
      expect(outcome).to.be.instanceOf(DeadLetterQueueError);
    });
  }

  it('rejects, when the queue has failed too often', async () => {
    const queue = failing('retriable', 'retriable');
    const outcome = await putAside(queue, { ...AT_ONCE, maxRetries: 1 })('a', 'no').catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(DeadLetterQueueError);
  });

  it('refuses options that are out of range', () => {
    expect(() => putAside(failing(), { maxRetries: -1 })).to.throw(ConfigurationError, /^putAside\(\) got maxRetries/);
  });
});
