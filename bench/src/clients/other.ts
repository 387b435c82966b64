/**
 * `salesforce-pubsub-api-client` with its default subscription, which goes on without end: it asks for 100 events
 * whenever 100 have come.
 *
 * @packageDocumentation
 */
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { otherClient } from './other-client.js';

/** The part of its events that is looked at; its types leave it open. */
interface OtherEvent {
  readonly payload: {
    readonly ChangeEventHeader: { readonly sequenceNumber: number; readonly commitNumber: number | bigint };
  };
}

const meter = new Meter(LAST_COMMIT_NUMBER);
const client = await otherClient(meter.parameters);

client.subscribeFromEarliestEvent(TOPICS.account, (_, type, data) => {
  if (type === 'event') {
    const { sequenceNumber, commitNumber } = (data as OtherEvent).payload.ChangeEventHeader;
    meter.handled(sequenceNumber, commitNumber);
  } else if (type === 'error') meter.fail(data);
});
