import { expect } from 'chai';
import { EMPTY } from 'rxjs';
import { ConfigurationError, type ChangeEvent } from '@rxforce/core/model';
import * as deadLetterTools from '@rxforce/dead-letters';
import * as operators from '../../src/index.js';

describe('Options that an operator does not have', () => {
  const others = { ...deadLetterTools, ...operators };
  const deadLetters = others.memoryDeadLetterQueue();
  const work = () => EMPTY;
  const calls: Record<string, (options: never) => unknown> = {
    batchBy: (options) => others.batchBy(10, 10, options),
    byTransaction: others.byTransaction,
    distinctEvents: others.distinctEvents,
    fileDeadLetterQueue: (options) => others.fileDeadLetterQueue('./failed', options),
    field: (options) => others.field<ChangeEvent, 'equals', string>('Name', 'equals', 'x', options),
    filterField: (options) => others.filterField<ChangeEvent, 'isNull', string>('Name', 'isNull', options),
    handle: (options) => others.handle(work, options),
    handleByType: (options) => others.handleByType({ otherwise: work }, options),
    latestByRecord: (options) => others.latestByRecord(work, options),
    memoryDeadLetterQueue: others.memoryDeadLetterQueue,
    meter: others.meter,
    publishOrPutAside: (options) => others.publishOrPutAside(() => EMPTY, deadLetters, options),
    putAside: (options) => others.putAside(deadLetters, options),
    redrive: (options) => others.redrive(deadLetters, work, options),
    'redrive, queueRetry': (queueRetry) => others.redrive(deadLetters, work, { queueRetry }),
    resolveGaps: (options) => others.resolveGaps(work, Object.assign(options, { onOverflow: work })),
    retryWithDLQ: (options) => others.retryWithDLQ(work, Object.assign(options, { deadLetters })),
    'retryWithDLQ, queueRetry': (queueRetry) => others.retryWithDLQ(work, { deadLetters, queueRetry }),
    'retryWithDLQ, delays': (delays) =>
      others.retryWithDLQ(work, { deadLetters, delays: Object.assign(delays, { type: 'constant', delayMs: 1 }) }),
    throttleByKey: (options) => others.throttleByKey(10, options),
    toRecords: others.toRecords,
  };
  for (const [name, call] of Object.entries(calls)) {
    it(`are refused at the call of ${name}`, () => {
      expect(() => call({ nobodyReadsThis: 1 } as never)).to.throw(ConfigurationError, /no option ".*nobodyReadsThis"/);
    });
  }

  it('are named with the one that was probably meant', () => {
    expect(() => others.handle(work, { concurency: 4 } as object)).to.throw('Did you mean "concurrency"?');
    expect(() => others.retryWithDLQ(work, { deadLetters, maxRetrys: 4 } as never)).to.throw(
      'Did you mean "maxRetries"?',
    );
    expect(() => others.latestByRecord(work, { merg: work } as object)).to.throw('Did you mean "merge"?');
  });
});
