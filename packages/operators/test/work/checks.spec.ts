import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { batchBy } from '../../src/batch-by.js';
import { byTransaction } from '../../src/by-transaction.js';
import { memoryDeadLetterQueue, redrive } from '@rxforce/dead-letters';
import { distinctEvents } from '../../src/distinct-events.js';
import { filterChange } from '../../src/filter-change.js';
import { handle } from '../../src/handle.js';
import { latestByRecord } from '../../src/latest-by-record.js';
import { limit } from '../../src/limit.js';
import { meter } from '../../src/meter.js';
import { resolveGaps } from '../../src/resolve-gaps.js';
import { retryWithDLQ } from '../../src/retry-with-dlq.js';
import { throttleByKey } from '../../src/throttle-by-key.js';
import { toRecords } from '../../src/to-records.js';
import { checkCount, checkFunction, checkWait } from '@rxforce/core/internal';

const deadLetters = memoryDeadLetterQueue();

describe('checkCount', () => {
  for (const value of [1, 2, Number.MAX_SAFE_INTEGER]) {
    it(`gives back ${value}`, () => expect(checkCount('It is', value, 1)).to.equal(value));
  }

  for (const value of [0, 1.5, -1, NaN, Infinity, null as unknown as number]) {
    it(`refuses ${value}, and says what may be`, () => {
      expect(() => checkCount('It is', value, 1)).to.throw(
        ConfigurationError,
        `It is ${value}, but it must be a whole number of at least 1.`,
      );
    });
  }

  it('gives back Infinity where that may be, and says so when it refuses', () => {
    expect(checkCount('It is', Infinity, 1, true)).to.equal(Infinity);
    expect(() => checkCount('It is', -Infinity, 1, true)).to.throw(ConfigurationError, 'at least 1, or Infinity.');
  });
});

describe('A number that came as a text', () => {
  const text = '50' as unknown as number;
  const calls: Record<string, () => unknown> = {
    'batchBy() got size': () => batchBy(text, 5_000),
    'batchBy() got maxWaitMs': () => batchBy(50, text),
    'batchBy() got maxBytes': () => batchBy(50, 5_000, { maxBytes: text }),
    'byTransaction() got maxWaitMs': () => byTransaction({ maxWaitMs: text }),
    'byTransaction() got maxEvents': () => byTransaction({ maxEvents: text }),
    'distinctEvents() got size': () => distinctEvents({ size: text }),
    'handle() got concurrency': () => handle(() => [], { concurrency: text }),
    'handle() got timeoutMs': () => handle(() => [], { timeoutMs: text }),
    'latestByRecord() got concurrency': () => latestByRecord(() => [], { concurrency: text }),
    'limit() got': () => limit(text),
    'meter() got intervalMs': () => meter({ intervalMs: text }),
    'resolveGaps() got staleDelayMs': () => resolveGaps(() => [], { onOverflow: () => [], staleDelayMs: text }),
    'retryWithDLQ() got maxRetries': () => retryWithDLQ(() => [], { deadLetters, maxRetries: text }),
    'retryWithDLQ() got delays with delayMs': () =>
      retryWithDLQ(() => [], { deadLetters, delays: { type: 'constant', delayMs: text } }),
    'retryWithDLQ() got delays with factor': () =>
      retryWithDLQ(() => [], { deadLetters, delays: { type: 'exponential', initialMs: 1, maxMs: 2, factor: text } }),
    'redrive() got batchSize': () => redrive(deadLetters, () => [], { batchSize: text }),
    'redrive() got failedBefore': () => redrive(deadLetters, () => [], { failedBefore: text }),
    'throttleByKey() got durationMs': () => throttleByKey(text),
    'toRecords() got maxRecords': () => toRecords({ maxRecords: text }),
  };
  for (const [what, call] of Object.entries(calls)) {
    it(`is told from a number: ${what}`, () => {
      expect(call)
        .to.throw(ConfigurationError, `${what} '50', but`)
        .with.property('message')
        .that.matches(/: '50' is a text; give the number 50\.$/);
    });
  }

  it('is not printed, where it is none', () => {
    const secret = 'hunter2' as unknown as number;
    expect(() => limit(secret)).to.throw(ConfigurationError, 'limit() got a text, but it must be');
  });
});

describe('checkWait', () => {
  for (const value of [0, 0.5, 0x7fffffff]) {
    it(`gives back ${value}`, () => expect(checkWait('It is', value)).to.equal(value));
  }

  for (const value of [-1, 0x7fffffff + 1, NaN, Infinity, null as unknown as number]) {
    it(`refuses ${value}, and says what may be`, () => {
      expect(() => checkWait('It is', value)).to.throw(
        ConfigurationError,
        `It is ${value}, but it must be from 0 to 2147483647.`,
      );
    });
  }

  it('gives back Infinity where that may be, and says so when it refuses', () => {
    expect(checkWait('It is', Infinity, true)).to.equal(Infinity);
    expect(() => checkWait('It is', -1, true)).to.throw(ConfigurationError, 'to 2147483647, or Infinity.');
  });
});

describe('checkFunction', () => {
  it('gives a function back, and refuses anything else', () => {
    const work = () => undefined;
    expect(checkFunction('It is', work)).to.equal(work);
    for (const value of [undefined, null, {}, 'work']) {
      expect(() => checkFunction('handle() got project', value)).to.throw(
        ConfigurationError,
        /^handle\(\) got project/,
      );
    }
  });
});

describe('Operators that take functions', () => {
  it('refuse what is none, at the call', () => {
    const none = undefined as never;
    const calls = [
      () => handle(none),
      () => handle(() => [], { keyBy: 'key' as never }),
      () => latestByRecord(none),
      () => latestByRecord(() => [], { merge: 5 as never }),
      () => filterChange(none),
      () => resolveGaps(none, { onOverflow: () => [] }),
      () => resolveGaps(() => [], {} as never),
      () => resolveGaps(() => [], none),
    ];
    for (const call of calls) expect(call).to.throw(ConfigurationError, 'must be a function');
  });
});
