import { status } from '@grpc/grpc-js';
import type { RxforceErrorCode } from '../model/errors.js';

/** What a call was for, to be named in its error. */
export interface CallContext {
  readonly endpoint: string;
  readonly topic?: string;
  readonly schemaId?: string;
  readonly replayId?: string;
}

/**
 * How a row is known. `recorded`: from the live service, status and code. `documented`: Salesforce's page "Pub/Sub API
 * Error Codes", which names no status. `grpc`: what the status means to gRPC, and what grpc-js gives it for.
 */
type Source = 'recorded' | 'documented' | 'grpc';

/** One kind of error. */
export interface Row {
  readonly source: Source;
  /** End of the service's error-code. */
  readonly serviceCode?: string;
  /** The gRPC status, for rows without an error-code. */
  readonly grpcStatus?: status;
  /** What the details say, where the status alone does not tell. */
  readonly details?: RegExp;
  readonly code: RxforceErrorCode;
  readonly retriable: boolean;
  /** What happened and what to do. */
  readonly advice: (context: CallContext) => string;
}

const topicOf = ({ topic }: CallContext) => (topic === undefined ? 'such topic' : `topic ${topic}`);

/**
 * What the service's errors mean: by its own error-code first, then by gRPC status, because the same code comes with
 * different statuses (`service.unavailable` was recorded with INTERNAL).
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
  {
    source: 'recorded',
    grpcStatus: status.UNAUTHENTICATED,
    code: 'authentication',
    retriable: false,
    advice: () => 'The session was refused: it has expired, or is of another org. Log in again.',
  },
  {
    source: 'recorded',
    grpcStatus: status.PERMISSION_DENIED,
    code: 'topic-unavailable',
    retriable: false,
    advice: unavailableTopic,
  },
  {
    source: 'grpc',
    grpcStatus: status.NOT_FOUND,
    code: 'topic-unavailable',
    retriable: false,
    advice: unavailableTopic,
  },
  {
    source: 'grpc',
    grpcStatus: status.UNIMPLEMENTED,
    code: 'connection',
    retriable: false,
    advice: ({ endpoint }) =>
      `The server at ${endpoint} is not a Pub/Sub API. The endpoint is "api.pubsub.salesforce.com:7443" (or :443), or ` +
      'the gRPC address of an emulator; it is not the login or My Domain URL.',
  },
  {
    // What grpc-js makes of HTTP/2's ENHANCE_YOUR_CALM. It does not come from the service, so it does not tell what that did.
    source: 'grpc',
    grpcStatus: status.RESOURCE_EXHAUSTED,
    details: /^Bandwidth exhausted or memory limit exceeded/,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint }) =>
      `${endpoint}, or a proxy before it, closed the connection for what it sent: too many pings, as a rule. If it comes again ` +
      "and again, raise channelOptions: { 'grpc.keepalive_time_ms' }.",
  },
  { source: 'grpc', grpcStatus: status.RESOURCE_EXHAUSTED, code: 'throttled', retriable: true, advice: slower },
  {
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    details: /certificate|unable to verify|altnames|CERT_|SSL|wrong version number/i,
    code: 'connection',
    retriable: false,
    advice: ({ endpoint }) =>
      `No trusted TLS connection to ${endpoint}. If it has a certificate authority of its own (an emulator, a company ` +
      'proxy), pass it as tls: { ca }; if it speaks plaintext, pass insecure: true.',
  },
  {
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    details: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|Name resolution/i,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint }) =>
      `Nothing answers at ${endpoint}. Check the endpoint and the network; some firewalls let port 443 pass and not 7443.`,
  },
  {
    source: 'grpc',
    grpcStatus: status.UNAVAILABLE,
    code: 'connection',
    retriable: true,
    advice: ({ endpoint }) =>
      `The connection to ${endpoint} was lost or not made. Try again after a pause; if it never works, check whether ` +
      'the server speaks TLS or plaintext (insecure: true).',
  },
  { source: 'grpc', grpcStatus: status.INVALID_ARGUMENT, code: 'protocol', retriable: false, advice: defect },
  { source: 'grpc', grpcStatus: status.OUT_OF_RANGE, code: 'protocol', retriable: false, advice: defect },
  {
    source: 'grpc',
    grpcStatus: status.INTERNAL,
    code: 'service',
    retriable: true,
    advice: () => 'The stream broke. Try again after a pause.',
  },
  {
    source: 'recorded',
    grpcStatus: status.DEADLINE_EXCEEDED,
    code: 'service',
    retriable: true,
    advice: () =>
      'The time for this call ran out: no answer came within 30 seconds, or nothing was committed on the stream of a managed ' +
      'subscription for 1,800 seconds. Try again after a pause.',
  },
];

/** For what no row knows. */
export const LAST_RESORT = { code: 'service', retriable: true, advice: () => 'Try again after a pause.' } as const;

function unavailableTopic(context: CallContext): string {
  if (context.schemaId !== undefined) {
    return `The service knows no schema ${context.schemaId}, or this user may not read it.`;
  }
  const isEvent = context.topic?.startsWith('/event/') ?? false;
  return (
    `There is no ${topicOf(context)} in this org, or this user may not use it. Names are case-sensitive; ` +
    (isEvent
      ? 'the platform event must be deployed, and the user needs "Read" on it to subscribe, and "Create" to publish.'
      : 'for change events, the entity must be selected in Setup > Change Data Capture, and the user needs "View All" on it.')
  );
}

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

function slower(): string {
  return 'The service asks for fewer connections or calls. Try again later, and share one client among subscriptions.';
}

function defect(): string {
  return 'The service refused the request as malformed. This is a defect of the client: please report it.';
}
