import { defect, slower, unavailableTopic } from './error-advice.js';
import type { CallContext, Row } from './error-row.js';
import { STATUS_ROWS } from './status-rows.js';

/**
 * The meaning of the service's errors. Its own error-code comes first, then the gRPC status, because the same code
 * comes with different statuses (`service.unavailable` was recorded with INTERNAL).
 */
export const ROWS: readonly Row[] = [
  {
    source: 'recorded',
    serviceCode: 'service.auth.error',
    code: 'authentication',
    retriable: false,
    advice: () =>
      'The access token, instance URL or org id was refused. Log in again, and check that all three are of one org and ' +
      'that the token is an opaque one: tokens in JWT format are refused.',
  },
  {
    source: 'documented',
    serviceCode: 'service.auth.headers.invalid',
    code: 'authentication',
    retriable: false,
    advice: () => 'The access token, instance URL or org id is missing or malformed.',
  },
  {
    source: 'recorded',
    serviceCode: 'replayid.corrupted',
    code: 'replay-id-invalid',
    retriable: false,
    advice: ({ topic = 'the topic', replayId = '' }) =>
      `The replay id ${replayId} is not known on ${topic}: it is older than the 72 hours that events are kept, or from ` +
      "another org (a sandbox refresh or an org migration changes all ids). Start from 'earliest' to get all that is " +
      "kept, or from 'latest' to go on from now, and read the records again to fill the gap.",
  },
  {
    source: 'recorded',
    serviceCode: 'replayid.validation.failed',
    code: 'replay-id-invalid',
    retriable: false,
    advice: () => 'The subscription was to start after a replay id, but came with none.',
  },
  {
    source: 'documented',
    serviceCode: 'subscription.limit.exceeded',
    code: 'limit-exceeded',
    retriable: false,
    advice: () =>
      "The org's allocation of events delivered within 24 hours is used up. It is shared by all clients of the org: " +
      'wait, subscribe to fewer entities, or buy more.',
  },
  {
    source: 'documented',
    serviceCode: 'concurrent.client.limit.exceeded',
    code: 'limit-exceeded',
    retriable: false,
    advice: () => 'The org has as many subscribers as it may have. End one, and subscribe again.',
  },
  {
    source: 'documented',
    serviceCode: 'service.tenant.license',
    code: 'limit-exceeded',
    retriable: false,
    advice: () => 'The org has no licence for the Pub/Sub API.',
  },
  {
    source: 'documented',
    serviceCode: 'topic.not.found',
    code: 'topic-unavailable',
    retriable: false,
    advice: unavailableTopic,
  },
  {
    source: 'documented',
    serviceCode: 'topic.cannot.subscribe',
    code: 'topic-unavailable',
    retriable: false,
    advice: unavailableTopic,
  },
  {
    source: 'documented',
    serviceCode: 'service.protection.triggered',
    code: 'throttled',
    retriable: true,
    advice: slower,
  },
  {
    source: 'documented',
    serviceCode: 'service.protection.stream.limit.triggered',
    code: 'throttled',
    retriable: true,
    advice: slower,
  },
  {
    source: 'recorded',
    serviceCode: 'service.unavailable',
    code: 'service',
    retriable: true,
    advice: again,
  },
  { source: 'documented', serviceCode: 'topic.api.unavailable', code: 'service', retriable: true, advice: again },
  { source: 'documented', serviceCode: 'schema.api.unavailable', code: 'service', retriable: true, advice: again },
  { source: 'documented', serviceCode: 'subscription.internal.error', code: 'service', retriable: true, advice: again },
  { source: 'documented', serviceCode: 'fetch.replay.repeated', code: 'service', retriable: true, advice: again },
  { source: 'documented', serviceCode: 'requested.events.invalid', code: 'protocol', retriable: false, advice: defect },
  { source: 'documented', serviceCode: 'fetch.topic.mismatch', code: 'protocol', retriable: false, advice: defect },
  {
    source: 'documented',
    serviceCode: 'publish.stream.sweeper.timeout',
    code: 'stream-ended',
    retriable: true,
    advice: () => 'Nothing was published on the stream for 70 seconds, so the service closed it. Open another one.',
  },
  { source: 'documented', serviceCode: 'publish.topic.mismatch', code: 'protocol', retriable: false, advice: defect },
  {
    source: 'documented',
    serviceCode: 'publish.event.count.invalid',
    code: 'protocol',
    retriable: false,
    advice: defect,
  },
  {
    source: 'recorded',
    serviceCode: 'managed.subscription.already.active',
    code: 'managed-subscription',
    retriable: true,
    advice: (context) =>
      `Another client reads the ${managedOf(context)}: it has room for one. End that client. If it died, the service ` +
      'notices within 15 seconds of a clean close, and within about 15 minutes of a connection that was cut.',
  },
  {
    source: 'documented',
    serviceCode: 'managed.subscription.config.stopped',
    code: 'managed-subscription',
    retriable: false,
    advice: (context) =>
      `The ${managedOf(context)} is stopped. Set the state of its ManagedEventSubscription record to RUN in the Tooling API.`,
  },
  {
    source: 'documented',
    serviceCode: 'managed.subscription.config.deleted',
    code: 'managed-subscription',
    retriable: false,
    advice: (context) => `The ${managedOf(context)} was deleted, and its position with it. Create it again.`,
  },
  {
    source: 'documented',
    serviceCode: 'developer.name.not.found',
    code: 'managed-subscription',
    retriable: false,
    advice: unknownManaged,
  },
  {
    source: 'documented',
    serviceCode: 'subscription.id.not.found',
    code: 'managed-subscription',
    retriable: false,
    advice: unknownManaged,
  },
  {
    source: 'documented',
    serviceCode: 'fetch.request.commit.request.restricted',
    code: 'protocol',
    retriable: false,
    advice: defect,
  },
  ...STATUS_ROWS,
];

/** For errors that no row matches. */
export const LAST_RESORT = { code: 'service', retriable: true, advice: () => 'Try again after a pause.' } as const;

/** The transport names a managed subscription where other calls name a topic. */
const managedOf = ({ topic = '' }: CallContext) => `managed subscription ${topic}`.trimEnd();

function unknownManaged(context: CallContext): string {
  return (
    `There is no ${managedOf(context)} in this org. Give the id or the developer name of a ManagedEventSubscription ` +
    'record (Setup does not show them: query the Tooling API). Names are case-sensitive.'
  );
}

function again(): string {
  return 'The service cannot serve this for now. Try again after a pause.';
}
