import { Metadata, status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { AuthenticationError, ConfigurationError, ConnectionError, ManagedSubscriptionError } from '../model/errors.js';
import { errorOfStatus } from './errors.js';

const PREFIX = 'sfdc.platform.eventbus.grpc.';
const context = { endpoint: 'api:7443', topic: '/data/X', replayId: 'AAAA' };

const {
  UNAUTHENTICATED,
  INVALID_ARGUMENT,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  INTERNAL,
  UNAVAILABLE,
  UNIMPLEMENTED,
  UNKNOWN,
  ALREADY_EXISTS,
  CANCELLED,
  DEADLINE_EXCEEDED,
  NOT_FOUND,
} = status;

function ended(code: status, details: string, serviceCode?: string) {
  const metadata = new Metadata();
  if (serviceCode !== undefined) metadata.set('error-code', PREFIX + serviceCode);
  metadata.set('rpc-id', 'rpc-1');
  return { code, details, metadata };
}

describe('errorOfStatus', () => {
  it('quotes what the service says on one line, and cut', () => {
    const escape = String.fromCharCode(27);
    const error = errorOfStatus(ended(INTERNAL, `${escape}[2Jgone\nERROR forged ${'x'.repeat(9_000)}`), context);
    expect(error.message).to.include('gone ERROR forged').and.not.include(escape).and.not.include('\n');
    expect(error.message.length).to.be.lessThan(800);
  });

  /** What to do about each code, whatever status it comes with. */
  const codes: Readonly<Record<string, { code: string; retriable: boolean }>> = {
    'service.auth.error': { code: 'authentication', retriable: false },
    'service.auth.headers.invalid': { code: 'authentication', retriable: false },
    'subscription.fetch.replayid.corrupted': { code: 'replay-id-invalid', retriable: false },
    'subscription.fetch.replayid.validation.failed': { code: 'replay-id-invalid', retriable: false },
    'subscription.limit.exceeded': { code: 'limit-exceeded', retriable: false },
    'concurrent.client.limit.exceeded': { code: 'limit-exceeded', retriable: false },
    'service.tenant.license': { code: 'limit-exceeded', retriable: false },
    'topic.not.found': { code: 'topic-unavailable', retriable: false },
    'subscription.topic.cannot.subscribe': { code: 'topic-unavailable', retriable: false },
    'service.protection.triggered': { code: 'throttled', retriable: true },
    'service.protection.stream.limit.triggered': { code: 'throttled', retriable: true },
    'service.unavailable': { code: 'service', retriable: true },
    'topic.api.unavailable': { code: 'service', retriable: true },
    'schema.api.unavailable': { code: 'service', retriable: true },
    'subscription.internal.error': { code: 'service', retriable: true },
    'subscription.fetch.replay.repeated': { code: 'service', retriable: true },
    'subscription.fetch.requested.events.invalid': { code: 'protocol', retriable: false },
    'subscription.fetch.topic.mismatch': { code: 'protocol', retriable: false },
    'publish.stream.sweeper.timeout': { code: 'stream-ended', retriable: true },
    'publish.topic.mismatch': { code: 'protocol', retriable: false },
    'publish.event.count.invalid': { code: 'protocol', retriable: false },
    'managed.subscription.already.active': { code: 'managed-subscription', retriable: true },
    'managed.subscription.config.stopped': { code: 'managed-subscription', retriable: false },
    'managed.subscription.config.deleted': { code: 'managed-subscription', retriable: false },
    'managed.subscription.developer.name.not.found': { code: 'managed-subscription', retriable: false },
    'managed.subscription.subscription.id.not.found': { code: 'managed-subscription', retriable: false },
    'managed.subscription.fetch.request.commit.request.restricted': { code: 'protocol', retriable: false },
  };
  for (const [serviceCode, expected] of Object.entries(codes)) {
    it(`knows ${serviceCode} with any status`, () => {
      for (const code of [INVALID_ARGUMENT, PERMISSION_DENIED, INTERNAL, UNAVAILABLE, UNKNOWN, UNAUTHENTICATED]) {
        expect(errorOfStatus(ended(code, 'details', serviceCode), context)).to.include(expected);
      }
    });
  }

  type Named = [string, ReturnType<typeof ended>, { code: string; retriable: boolean }, RegExp];
  const rows: Named[] = [
    [
      'a refused token',
      ended(UNAUTHENTICATED, 'no', 'service.auth.error'),
      { code: 'authentication', retriable: false },
      /Log in/,
    ],
    [
      'a replay id that is not known',
      ended(INVALID_ARGUMENT, 'bad', 'subscription.fetch.replayid.corrupted'),
      { code: 'replay-id-invalid', retriable: false },
      /AAAA is not known on \/data\/X/,
    ],
    [
      'CUSTOM without a replay id',
      ended(INVALID_ARGUMENT, 'bad', 'subscription.fetch.replayid.validation.failed'),
      { code: 'replay-id-invalid', retriable: false },
      /came with none/,
    ],
    [
      'an unknown topic',
      ended(PERMISSION_DENIED, 'no'),
      { code: 'topic-unavailable', retriable: false },
      /no topic \/data\/X/,
    ],
    [
      'a used up allocation',
      ended(RESOURCE_EXHAUSTED, 'no', 'subscription.limit.exceeded'),
      { code: 'limit-exceeded', retriable: false },
      /24 hours/,
    ],
    [
      'an outage that comes as INTERNAL',
      ended(INTERNAL, 'x', 'service.unavailable'),
      { code: 'service', retriable: true },
      /pause/,
    ],
    [
      'a reset stream',
      ended(INTERNAL, 'Received RST_STREAM with code 2'),
      { code: 'connection', retriable: true },
      /stream on it reset/,
    ],
    [
      'a shutdown',
      ended(UNAVAILABLE, 'HTTP/2 error code: NO_ERROR'),
      { code: 'connection', retriable: true },
      /was lost/,
    ],
    [
      'no listener',
      ended(UNAVAILABLE, 'connect ECONNREFUSED'),
      { code: 'connection', retriable: true },
      /Nothing answers at api:7443/,
    ],
    [
      'an unknown authority',
      ended(UNAVAILABLE, 'self-signed certificate'),
      { code: 'connection', retriable: false },
      /tls: \{ ca \}/,
    ],
    [
      'another server',
      ended(UNIMPLEMENTED, 'unknown method'),
      { code: 'connection', retriable: false },
      /not a Pub\/Sub API/,
    ],
    [
      'a connection that is closed for what it sent, such as pings',
      ended(RESOURCE_EXHAUSTED, 'Bandwidth exhausted or memory limit exceeded'),
      { code: 'connection', retriable: true },
      /for what it sent/,
    ],
    ...[
      'Received RST_STREAM with code 0 (Call ended without gRPC status)',
      'Call ended without gRPC status',
      'Call cancelled',
    ].map((details): Named => [
      `a stream that broke: ${details}`,
      ended(details === 'Call cancelled' ? CANCELLED : INTERNAL, details),
      { code: 'connection', retriable: true },
      /was cut, or the stream on it reset/,
    ]),
    [
      'a connection that was cut, or whose pings had no answer',
      ended(UNAVAILABLE, 'Connection dropped'),
      { code: 'connection', retriable: true },
      /api:7443 was lost: it was cut, or a ping on it had no answer/,
    ],
    ...[UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED, UNAVAILABLE, INTERNAL, UNKNOWN].map((code): Named => [
      `a plain HTTP answer that became ${status[code]}`,
      ended(code, 'Received HTTP status code 418'),
      { code: 'connection', retriable: true },
      /^Something answered for api:7443 with plain HTTP 418, .*gateway.*proxy/,
    ]),
    [
      'a web page',
      ended(UNKNOWN, 'Received content-type text/html'),
      { code: 'connection', retriable: true },
      /content-type text\/html, which is no word of the Pub\/Sub API/,
    ],
    [
      'TLS that is too weak for HTTP/2',
      ended(PERMISSION_DENIED, 'Protocol not secure enough'),
      { code: 'connection', retriable: false },
      /ciphers/,
    ],
    [
      'a message that is too long',
      ended(RESOURCE_EXHAUSTED, 'Received message larger than max (140000000 vs 134217728)'),
      { code: 'configuration', retriable: false },
      /grpc\.max_receive_message_length/,
    ],
    [
      'a message that unpacks to one that is too long',
      ended(RESOURCE_EXHAUSTED, 'Received message that decompresses to a size larger than 134217728'),
      { code: 'configuration', retriable: false },
      /grpc\.max_receive_message_length/,
    ],
    [
      'a connection that another call has given up',
      ended(UNAVAILABLE, 'Channel closed before call started'),
      { code: 'connection', retriable: true },
      /No connection to api:7443 came about in time.*443/,
    ],
    [
      'a proxy that makes no tunnel',
      ended(UNAVAILABLE, 'No connection established. Last error: undefined'),
      { code: 'connection', retriable: true },
      /No way to api:7443: a proxy made no tunnel/,
    ],
    ['too many calls', ended(RESOURCE_EXHAUSTED, 'slow'), { code: 'throttled', retriable: true }, /fewer/],
    [
      'a malformed request',
      ended(INVALID_ARGUMENT, 'bad', 'subscription.fetch.requested.events.invalid'),
      { code: 'protocol', retriable: false },
      /defect/,
    ],
    [
      'a stream that nothing was published on',
      ended(CANCELLED, 'swept', 'publish.stream.sweeper.timeout'),
      { code: 'stream-ended', retriable: true },
      /70 seconds/,
    ],
    [
      'a managed subscription in use',
      ended(ALREADY_EXISTS, 'busy', 'managed.subscription.already.active'),
      { code: 'managed-subscription', retriable: true },
      /Another client reads the managed subscription \/data\/X/,
    ],
    [
      'a managed subscription that is stopped',
      ended(INVALID_ARGUMENT, 'no', 'managed.subscription.config.stopped'),
      { code: 'managed-subscription', retriable: false },
      /to RUN in the Tooling API/,
    ],
    [
      'a managed subscription that does not exist',
      ended(NOT_FOUND, 'no', 'managed.subscription.developer.name.not.found'),
      { code: 'managed-subscription', retriable: false },
      /There is no managed subscription \/data\/X in this org/,
    ],
    [
      'an answer that did not come in time',
      ended(DEADLINE_EXCEEDED, 'late'),
      { code: 'service', retriable: true },
      /ran out/,
    ],
    ['what nobody has seen', ended(UNKNOWN, 'what'), { code: 'service', retriable: true }, /pause/],
  ];
  for (const [what, input, expected, message] of rows) {
    it(`names ${what}`, () => {
      const error = errorOfStatus(input, context);
      expect(error).to.include({ ...expected, rpcId: 'rpc-1', grpcStatus: input.code });
      expect(error.message).to.match(message).and.include(input.details);
    });
  }

  it('names the proxy that a call went by', () => {
    for (const details of ['No connection established. Last error: undefined', 'x', 'Received HTTP status code 502']) {
      const { message } = errorOfStatus(ended(UNAVAILABLE, details), {
        ...context,
        proxy: 'the proxy p:1 (HTTPS_PROXY)',
      });
      expect(message).to.include('the proxy p:1 (HTTPS_PROXY)');
    }
  });

  it('advises nobody to send the access token to Salesforce in clear', () => {
    for (const details of ['self-signed certificate', 'wrong version number', 'socket hang up']) {
      expect(errorOfStatus(ended(UNAVAILABLE, details), context).message).to.include('insecure');
      for (const endpoint of ['api.pubsub.salesforce.com:7443', 'x.salesforce.mil:443', 'x.salesforce.com.:443']) {
        expect(errorOfStatus(ended(UNAVAILABLE, details), { endpoint }).message).to.not.include('insecure');
      }
    }
  });

  it('makes do without a status and details, which grpc-js leaves out for what it cannot unpack', () => {
    const bare = { metadata: new Metadata() } as ReturnType<typeof ended>;
    const error = errorOfStatus(bare, context);
    expect(error).to.include({ code: 'service', retriable: true, grpcStatus: UNKNOWN });
    expect(error.message).to.not.include('undefined');
  });

  it('gives the classes that users test for', () => {
    expect(errorOfStatus(ended(UNAUTHENTICATED, ''), context)).to.be.instanceOf(AuthenticationError);
    expect(errorOfStatus(ended(UNAVAILABLE, ''), context)).to.be.instanceOf(ConnectionError);
    const tooLong = ended(RESOURCE_EXHAUSTED, 'Received message larger than max (2 vs 1)');
    expect(errorOfStatus(tooLong, context)).to.be.instanceOf(ConfigurationError);
    const busy = ended(ALREADY_EXISTS, '', 'managed.subscription.already.active');
    expect(errorOfStatus(busy, context)).to.be.instanceOf(ManagedSubscriptionError);
  });

  it('says of a call that reached nobody that it was never sent, and of no other', () => {
    for (const details of [
      'No connection established. Last error: connect ECONNREFUSED',
      'Name resolution failed for x',
      'Stream refused by server',
      'Channel closed before call started',
    ]) {
      expect(errorOfStatus(ended(UNAVAILABLE, details), context).neverSent).to.equal(true);
    }
    for (const details of ['read ECONNRESET', 'read ETIMEDOUT', 'GOAWAY']) {
      expect(errorOfStatus(ended(UNAVAILABLE, details), context)).not.to.have.property('neverSent');
    }
  });

  it('goes by the error-code before the status', () => {
    expect(errorOfStatus(ended(UNAVAILABLE, '', 'service.auth.error'), context).code).to.equal('authentication');
  });

  it('finds the rpc id in the details, without a trailer', () => {
    const error = errorOfStatus(
      { ...ended(INTERNAL, 'broke. rpcId: abc-1'), metadata: new Metadata() },
      { endpoint: 'x' },
    );
    expect(error.rpcId).to.equal('abc-1');
    expect(error).not.to.have.property('topic');
  });
});
