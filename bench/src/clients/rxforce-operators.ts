/**
 * Our client with operators behind it, one by one, then together: what each costs. All events pass, so that each costs
 * what an event of interest costs. Plain RxJS, which holds nothing and repeats nothing, is the floor.
 *
 * @packageDocumentation
 */
import type { ChangeEvent } from '@rxforce/core';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy, byChangeType, filterField, handle, retryWithDLQ } from '@rxforce/operators';
import { bufferCount, concatMap, filter, Subject, type Observable } from 'rxjs';
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import type { PipelineName } from './pipelines.js';
import { rxforceClient } from './rxforce-client.js';

/** What every one of the events has. */
interface Account {
  LastModifiedDate: number | null;
}

type Event = ChangeEvent<Account>;
type Events = Observable<Event>;

const BATCH = 50;
const LONGEST_WAIT_MS = 5_000;

const meter = new Meter<ClientParameters & { readonly pipeline: PipelineName }>(LAST_COMMIT_NUMBER);

const work = ({ header }: Event) => {
  meter.handled(header.sequenceNumber, header.commitNumber);
  return Promise.resolve();
};
const workAll = (events: readonly Event[]) => {
  for (const { header } of events) meter.handled(header.sequenceNumber, header.commitNumber);
  return Promise.resolve();
};
const retries = { maxRetries: 3, deadLetters: memoryDeadLetterQueue() };

/** Each ends with work on all events: where no operator does it, the subscriber does. */
const PIPELINES: Readonly<Record<PipelineName, (events: Events) => Observable<unknown>>> = {
  byChangeType: (events) => events.pipe(byChangeType('CREATE', 'UPDATE')),
  filterField: (events) => events.pipe(filterField('LastModifiedDate', 'isNotNull')),
  batchBy: (events) => events.pipe(batchBy(BATCH, LONGEST_WAIT_MS)),
  retryWithDLQ: (events) => events.pipe(retryWithDLQ(work, retries)),
  handle: (events) => events.pipe(handle(work)),
  together: (events) =>
    events.pipe(
      byChangeType('CREATE', 'UPDATE'),
      filterField('LastModifiedDate', 'isNotNull'),
      batchBy(BATCH, LONGEST_WAIT_MS),
      retryWithDLQ(workAll, retries),
    ),
  rxjs: (events) => {
    // Behind a Subject: rxforce would report each event that `bufferCount` keeps past its settlement.
    const source = new Subject<Event>();
    events.subscribe(source);
    return source.pipe(
      filter(({ data }) => data.LastModifiedDate !== null),
      bufferCount(BATCH),
      concatMap(workAll),
    );
  },
};

const WORKED_BY_SUBSCRIBER: ReadonlySet<PipelineName> = new Set(['byChangeType', 'filterField', 'batchBy']);

const { pipeline } = meter.parameters;
const events = rxforceClient(meter.parameters).changes<Account>('Account', { replay: 'earliest' });

PIPELINES[pipeline](events).subscribe({
  next: (value) => {
    if (!WORKED_BY_SUBSCRIBER.has(pipeline)) return;
    void (Array.isArray(value) ? workAll(value as Event[]) : work(value as Event));
  },
  error: meter.fail,
});
