/**
 * Many subscriptions of our client in one process, each with all events.
 *
 * @packageDocumentation
 */
import type { ClientParameters } from '../processes/messages.js';
import { LAST_COMMIT_NUMBER } from '../server/topics.js';
import { Meter } from './meter.js';
import { OrderCheck } from './order-check.js';
import { rxforceClient } from './rxforce-client.js';

const meter = new Meter<ClientParameters & { readonly subscriptions: number }>(LAST_COMMIT_NUMBER);
const client = rxforceClient(meter.parameters);

for (let index = 0; index < meter.parameters.subscriptions; index++) {
  const check = new OrderCheck(LAST_COMMIT_NUMBER);
  client.changes('Account', { replay: 'earliest' }).subscribe({
    next: ({ header }) => {
      check.take(header.sequenceNumber, header.commitNumber);
      if (check.problem !== undefined) meter.wrong(check.problem);
      meter.add(1);
    },
    error: meter.fail,
  });
}
