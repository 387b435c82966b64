/**
 * `salesforce-pubsub-api-client` as it is, with its default subscription, which goes on without end: it asks for 100
 * events whenever 100 have come.
 *
 * @packageDocumentation
 */
import PubSubApiClient from 'salesforce-pubsub-api-client';
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { SESSION } from './credentials.js';
import { Meter } from './meter.js';

/** The part of its events that is looked at; its types leave it open. */
interface OtherEvent {
  readonly payload: {
    readonly ChangeEventHeader: { readonly sequenceNumber: number; readonly commitNumber: number | bigint };
  };
}

const meter = new Meter(LAST_COMMIT_NUMBER);
const ignore = () => undefined;
const client = new PubSubApiClient(
  {
    authType: 'user-supplied',
    ...SESSION,
    pubSubEndpoint: meter.parameters.endpoint,
    // It takes no certificate.
    rejectUnauthorizedSsl: false,
  },
  // The texts it logs are made before the logger gets them: what that costs is the client's own.
  { debug: ignore, info: ignore, warn: ignore, error: meter.fail },
);

await client.connect();
client.subscribeFromEarliestEvent(TOPICS.account, (_, type, data) => {
  if (type === 'event') {
    const { sequenceNumber, commitNumber } = (data as OtherEvent).payload.ChangeEventHeader;
    meter.handled(sequenceNumber, commitNumber);
  } else if (type === 'error') meter.fail(data);
});
