import { inspect } from 'node:util';
import { expect } from 'chai';
import { from, lastValueFrom, of, throwError, type Observable, type OperatorFunction } from 'rxjs';
import { ReplayId, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent, platformEvent } from '@rxforce/core/testing';
import { batchBy } from '../../src/batch-by.js';
import { deadLetterOf, memoryDeadLetterQueue, redrive } from '@rxforce/dead-letters';
import { handle } from '../../src/handle.js';
import { handleByType } from '../../src/handle-by-type.js';
import { latestByRecord } from '../../src/latest-by-record.js';
import { resolveGaps } from '../../src/resolve-gaps.js';
import { retryWithDLQ } from '../../src/retry-with-dlq.js';
import { toRecords } from '../../src/to-records.js';
import { failedEventsOf } from '@rxforce/core';

class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly status = 503;
}

const replayId = ReplayId.parse('AAAAAACnSDkAAA==');
const event = changeEvent({
  id: 'e-1',
  entityName: 'Lead',
  changeType: 'UPDATE',
  recordIds: ['00Q1', '00Q2'],
  replayId,
});
const gap = changeEvent({ ...event.header, changeType: 'GAP_UPDATE', replayId });
const FACTS = {
  ...{ id: 'e-1', topic: '/data/LeadChangeEvent', replayId: 'AAAAAACnSDkAAA==' },
  change: { entityName: 'Lead', recordIds: ['00Q1', '00Q2'], changeType: 'UPDATE' },
};

async function errorOf(results$: Observable<unknown>): Promise<unknown> {
  return lastValueFrom(results$, { defaultValue: undefined }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

function fail(): Observable<never> {
  return throwError(() => new Unreachable('503'));
}

describe('What work failed on', () => {
  const operators: Record<string, OperatorFunction<ChangeEvent, unknown>> = {
    'handle()': handle(fail),
    'handleByType()': handleByType({ otherwise: fail }),
    'latestByRecord()': latestByRecord(fail),
    'resolveGaps()': resolveGaps(fail, { onOverflow: fail }),
    'retryWithDLQ()': retryWithDLQ(fail, {
      deadLetters: memoryDeadLetterQueue(),
      maxRetries: 0,
      onDeadLetter: () => {
        throw new Unreachable('503');
      },
    }),
    'toRecords()': toRecords({ store: { load: () => Promise.reject(new Unreachable('503')), save: fail as never } }),
  };
  for (const [name, operator] of Object.entries(operators)) {
    it(`is named by the error of ${name}, which is the one that was thrown`, async () => {
      const error = await errorOf(of(name === 'resolveGaps()' ? gap : event).pipe(operator));
      expect(error).to.be.instanceOf(Unreachable).and.include({ message: '503', status: 503 });
      expect(Object.keys(error as object)).to.have.members(['name', 'status']);
      const [failed] = failedEventsOf(error);
      expect(failed).to.deep.include({ topic: FACTS.topic, replayId: FACTS.replayId });
      expect(failed?.change?.entityName).to.equal('Lead');
      expect(inspect(error)).to.include(`while ${name} worked on the `).and.include('of Lead 00Q1');
      expect(inspect(error)).to.include('at replay id AAAAAACnSDkAAA==');
    });
  }

  it('is the event of a letter, for redrive()', async () => {
    const queue = memoryDeadLetterQueue();
    await queue.put([deadLetterOf(event, new Error('first'))]);
    const keyBy = () => {
      throw new Unreachable('503');
    };
    const unkeyed = await errorOf(redrive(queue, fail, { keyBy, concurrency: 2, asTheyWere: true }));
    expect(failedEventsOf(unkeyed)[0]?.id).to.include('e-1');
    const broken = { take: queue.take.bind(queue), put: fail, remove: fail, release: queue.release.bind(queue) };
    const policy = { asTheyWere: true, queueRetry: { maxRetries: 0 } };
    const error = await errorOf(redrive(broken as never, fail, policy));
    expect(failedEventsOf(error)[0]?.change).to.deep.equal(FACTS.change);
    expect(inspect(error)).to.include('while redrive() worked on');
  });

  it('has all facts of a change event, and what there is of a platform event', async () => {
    expect(failedEventsOf(await errorOf(of(event).pipe(handle(fail))))).to.deep.equal([FACTS]);
    const order = platformEvent('/event/Order__e', {}, { id: 'o', replayId });
    const [failed] = failedEventsOf(await errorOf(of(order).pipe(handle(fail))));
    expect(failed).to.deep.equal({
      id: 'o',
      topic: '/event/Order__e',
      replayId: replayId.toString(),
      change: undefined,
    });
  });

  it('is a batch, of which a few are named', async () => {
    const events = Array.from({ length: 5 }, (_, index) => changeEvent({ recordIds: [`001-${index}`] }));
    const error = await errorOf(from(events).pipe(batchBy(5, 1_000), handle(fail)));
    expect(failedEventsOf(error)).to.have.length(5);
    expect(inspect(error)).to.match(/worked on 5 values: the CREATE of Account 001-0 .*001-2 .*; and 2 events more/);
  });

  it('is told to the logger of the client that the event came from, where the error cannot, without what may be data', async () => {
    const warnings: string[] = [];
    const fields = { logger: { warn: (message: string) => void warnings.push(message) } };
    const received = { ...event, [Symbol.for('@rxforce/core/fields/1')]: fields };
    await errorOf(of(received).pipe(handle(() => throwError(() => new Unreachable('secret')))));
    expect(warnings).to.deep.equal([]);
    const frozen: Error = Object.freeze(new Unreachable('secret'));
    await errorOf(of(received).pipe(handle(() => throwError(() => frozen))));
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include(
      'the UPDATE of Lead 00Q1, 00Q2 of /data/LeadChangeEvent at replay id AAAAAACnSDkAAA==',
    );
    expect(warnings[0]).to.include('a Unreachable').and.not.include('secret');
  });

  for (const [what, thrown] of [
    ['a text', 'text'],
    ['nothing', undefined],
    ['an error that cannot be changed', Object.freeze(new Error('frozen'))],
    ['an object', { code: 5 }],
  ] as const) {
    it(`leaves what was thrown as it is: ${what}`, async () => {
      // eslint-disable-next-line rxjs-x/throw-error -- users throw anything
      expect(await errorOf(of(event).pipe(handle(() => throwError(() => thrown))))).to.equal(thrown);
      expect(failedEventsOf(thrown)).to.have.length(typeof thrown === 'object' ? 1 : 0);
    });
  }

  it('does not let an error grow that is thrown again and again', async () => {
    const shared = new Error('shared');
    const fail = async (id: string) =>
      errorOf(
        of(changeEvent({ id })).pipe(
          handle(() => {
            throw shared;
          }),
        ),
      );
    await fail('e-1');
    const { stack } = shared;
    await fail('e-2');
    expect(shared.stack).to.equal(stack);
    expect(failedEventsOf(shared)[0]).to.include({ id: 'e-2' });
  });

  it('is nothing, for work on other values and for other errors', async () => {
    expect(failedEventsOf(await errorOf(of(1).pipe(handle(fail))))).to.deep.equal([]);
    expect(failedEventsOf(new Error('other'))).to.deep.equal([]);
  });
});
