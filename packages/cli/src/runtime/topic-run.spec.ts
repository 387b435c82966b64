import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { changeEvent } from '@rxforce/core/testing';
import { from, NEVER, VirtualTimeScheduler } from 'rxjs';
import { SinkError, type SinkEvent } from '../sinks/sink.js';
import { allMeasures } from './measures.js';
import { SinkWatches } from './sink-watches.js';
import { Tally } from './tally.js';
import { topicRun } from './topic-run.js';

/** An attempt that a sink was asked for. */
interface Attempt {
  readonly ids: string;
  readonly fail: (error: Error) => void;
}

describe('topicRun', () => {
  it('does not take a part of a batch of which nothing is left to write for an end of an outage', async () => {
    const clock = new VirtualTimeScheduler();
    const watches = new SinkWatches({ warn: () => undefined }, { scheduler: clock });
    const attempts: Attempt[] = [];
    const changed = new EventEmitter();
    const write = (events: readonly SinkEvent[]) =>
      new Promise<void>((_resolve, fail) => {
        attempts.push({ ids: events.map(({ id }) => id).join(), fail });
        changed.emit('change');
      });
    const events = ['a', 'b', 'x', 'y'].map((id) => changeEvent({ id, recordIds: [id] }));
    const client = { changes: () => Object.assign(from(events), { status$: NEVER }) };
    const plan = {
      ...{ topic: '/data/LeadChangeEvent', name: 'default', label: 'LeadChangeEvent', sink: 'hook', snapshot: [] },
      ...{ batches: { size: 2, waitMs: 1 }, concurrency: 2, window: 10, refillAt: 5, maxRetries: 1, retryDelayMs: 0 },
    };
    const storage = { deadLetters: () => memoryDeadLetterQueue() };
    const context = {
      ...{ client, stream: client, storage, watches, logger: { warn: () => undefined }, commitIntervalMs: 0 },
      ...{ sink: { write }, measures: allMeasures([]), tally: new Tally(true), onSubscribe: () => undefined },
    };
    const run = topicRun(plan as never, context as never).subscribe();
    const attempt = async (number: number): Promise<Attempt> => {
      const found = attempts[number - 1];
      if (found) return found;
      await once(changed, 'change');
      return attempt(number);
    };

    const [ofA, ofX] = [await attempt(1), await attempt(2)];
    ofA.fail(new SinkError('b is locked', { failed: ['b'] }));
    const ofB = await attempt(3);
    ofX.fail(new SinkError('it is away', { outage: true }));
    ofB.fail(new SinkError('b is wrong', { retriable: false }));
    const parts = await attempt(4);
    expect([ofA, ofX, ofB, parts].map(({ ids }) => ids)).to.deep.equal(['a,b', 'x,y', 'b', 'b']);
    clock.frame = 12_000;
    expect(watches.heldUpBy({ org: null, topic: plan.topic, name: plan.name })).to.equal(
      'The sink hook has taken nothing of LeadChangeEvent for 12 s, and its events wait.',
    );
    run.unsubscribe();
  });
});
