/**
 * Our client with work on every event, or on batches, with and without telemetry. No SDK is registered, so that what is
 * measured is what telemetry itself costs, and not what becomes of it.
 *
 * @packageDocumentation
 */
import type { ChangeEvent } from '@rxforce/core';
import { openTelemetry } from '@rxforce/opentelemetry';
import { batchBy, handle } from '@rxforce/operators';
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { rxforceClient } from './rxforce-client.js';

/** What else it is told. */
interface Parameters extends ClientParameters {
  /** How many events are worked on together. */
  readonly batch: number;
  readonly isObserved: boolean;
}

const LONGEST_WAIT_MS = 5_000;

const meter = new Meter<Parameters>(LAST_COMMIT_NUMBER);
const { batch, isObserved } = meter.parameters;
const client = rxforceClient(meter.parameters);
const telemetry = openTelemetry();
if (isObserved) telemetry.observe(client);

const work = (events: ChangeEvent | readonly ChangeEvent[]) => {
  for (const { header } of [events].flat()) meter.handled(header.sequenceNumber, header.commitNumber);
  return Promise.resolve();
};
const save = isObserved ? telemetry.traced(work) : work;
const changes$ = client.changes('Account', { replay: 'earliest' });
const measured$ = isObserved ? changes$.pipe(telemetry.measure) : changes$;
const done$ =
  batch === 1 ? measured$.pipe(handle(save)) : measured$.pipe(batchBy(batch, LONGEST_WAIT_MS), handle(save));

done$.subscribe({ error: meter.fail });
