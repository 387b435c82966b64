import { status } from '@grpc/grpc-js';
import type { WireFetchRequest, WireTopicInfo } from '@rxforce/core/codec';
import { expect } from 'chai';
import { RawClient, trailersOf } from '../support/raw-client.js';
import { withEmulator } from '../support/with-emulator.js';
import { PREFIX, TOPIC } from '../support/fetches.js';

describe('Subscribe, refused', () => {
  interface Refused {
    readonly condition: string;
    readonly request: Partial<WireFetchRequest>;
    readonly code: status;
    readonly errorCode: string;
    /** What the service says. */
    readonly words?: string;
  }
  const refusals: readonly Refused[] = [
    {
      condition: 'the number requested is 0',
      words: 'The number of events requested in FetchRequest must be greater than zero.',
      request: { topicName: TOPIC, numRequested: 0 },
      code: status.INVALID_ARGUMENT,
      errorCode: 'subscription.fetch.requested.events.invalid',
    },
    {
      condition: 'the number requested is negative',
      request: { topicName: TOPIC, numRequested: -1 },
      code: status.INVALID_ARGUMENT,
      errorCode: 'subscription.fetch.requested.events.invalid',
    },
    {
      condition: 'the first request names no topic',
      request: { topicName: '', numRequested: 1 },
      code: status.INVALID_ARGUMENT,
      errorCode: 'topic.validation.empty',
    },
    {
      condition: 'the topic does not exist',
      request: { topicName: '/data/NoneChangeEvent', numRequested: 1 },
      code: status.PERMISSION_DENIED,
      errorCode: 'topic.not.found',
    },
    {
      condition: 'the case of the topic is wrong',
      request: { topicName: TOPIC.toLowerCase(), numRequested: 1 },
      code: status.PERMISSION_DENIED,
      errorCode: 'topic.not.found',
    },
    {
      condition: 'CUSTOM comes without a replay id',
      request: { topicName: TOPIC, replayPreset: 2, numRequested: 1 },
      code: status.INVALID_ARGUMENT,
      errorCode: 'subscription.fetch.replayid.validation.failed',
    },
    {
      condition: 'the replay id was never given out',
      words: 'The Replay ID validation failed. Ensure that the Replay ID is valid.',
      request: { topicName: TOPIC, replayPreset: 2, replayId: Buffer.alloc(10), numRequested: 1 },
      code: status.INVALID_ARGUMENT,
      errorCode: 'subscription.fetch.replayid.corrupted',
    },
    {
      condition: 'the replay id has not the form of one',
      request: { topicName: TOPIC, replayPreset: 2, replayId: Buffer.from('12907414x'), numRequested: 1 },
      code: status.INVALID_ARGUMENT,
      errorCode: 'subscription.fetch.replayid.corrupted',
    },
  ];

  for (const { condition, request, code, errorCode, words = '' } of refusals) {
    it(`ends with ${errorCode}, when ${condition}`, () =>
      withEmulator({}, async (_emulator, client) => {
        const ended = await client.open().request(request).status;
        const trailers = trailersOf(ended);
        expect(ended.code).to.equal(code);
        expect(trailers['error-code']).to.equal(PREFIX + errorCode);
        expect(trailers.type).to.equal('Subscribe');
        expect(ended.details.startsWith(words)).to.equal(true);
        expect(ended.details).to.match(new RegExp(` rpcId: ${trailers['rpc-id']!}$`));
      }));
  }

  it('ends with topic.mismatch, when a later request names another topic', () =>
    withEmulator({}, async (_emulator, client) => {
      const stream = client.open().request({ topicName: TOPIC, numRequested: 1 });
      const ended = await stream.request({ topicName: '/data/LeadChangeEvent', numRequested: 1 }).status;
      expect(ended.code).to.equal(status.INVALID_ARGUMENT);
      expect(trailersOf(ended)['error-code']).to.equal(`${PREFIX}subscription.fetch.topic.mismatch`);
    }));

  const claims: readonly (readonly [string, Record<string, string>])[] = [
    ['the access token is unknown', { accesstoken: '00D000000000001!none' }],
    ['the instance URL is of another org', { instanceurl: 'https://other.my.salesforce.com' }],
    ['the tenant id is of another org', { tenantid: '00D000000000001' }],
  ];
  for (const [condition, metadata] of claims) {
    it(`ends with UNAUTHENTICATED, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        const stranger = new RawClient(emulator, metadata);
        const ended = await stranger.open().request({ topicName: TOPIC, numRequested: 1 }).status;
        expect(ended.code).to.equal(status.UNAUTHENTICATED);
        expect(trailersOf(ended)).to.deep.include({ 'error-code': `${PREFIX}service.auth.error`, type: 'Subscribe' });
        expect(ended.details).to.match(
          /^An authentication exception occurred\. Provide valid authentication via metadata headers\. rpcId: [\w-]+$/,
        );
        const refused = await stranger.fail('GetTopic', { topicName: TOPIC });
        expect(refused.code).to.equal(status.UNAUTHENTICATED);
        expect(trailersOf(refused)).to.include({ type: 'GetTopic' });
        stranger.close();
      }));
  }

  const headers: readonly (readonly [string, readonly string[]])[] = [
    ['accesstoken', ['', ' ']],
    ['instanceurl', ['', 'localhost', 'localhost:8080', 'ftp://localhost']],
    ['tenantid', ['', 'core/prod/', 'tenant', '00D00000000000', '001000000000001']],
  ];
  for (const [name, values] of headers) {
    it(`ends with headers.invalid and names ${name}, when that is missing, blank or malformed`, () =>
      withEmulator({}, async (emulator) => {
        for (const value of [undefined, ...values]) {
          const stranger = new RawClient(emulator, value === undefined ? {} : { [name]: value });
          if (value === undefined) stranger.metadata.remove(name);
          const ended = await stranger.open().request({ topicName: TOPIC, numRequested: 1 }).status;
          expect(ended.code).to.equal(status.UNAUTHENTICATED);
          expect(trailersOf(ended)['error-code']).to.equal(`${PREFIX}service.auth.headers.invalid`);
          expect(ended.details).to.contain(name);
          stranger.close();
        }
      }));
  }

  it('accepts the org, when its URL says https', () =>
    withEmulator({}, async (emulator) => {
      const instanceurl = emulator.credentials.instanceUrl.replace('http:', 'https:');
      const client = new RawClient(emulator, { instanceurl });
      expect(await client.call('GetTopic', { topicName: TOPIC })).to.include({ topicName: TOPIC });
      client.close();
    }));

  it('accepts the org, when its id has 15 or 18 characters, with what GetTopic puts before it or without', () =>
    withEmulator({}, async (emulator, client) => {
      const { organizationId } = emulator.credentials;
      const { tenantGuid } = await client.call<WireTopicInfo>('GetTopic', { topicName: TOPIC });
      expect(tenantGuid).to.equal(`core/prod/${organizationId}`);
      for (const id of [organizationId, organizationId.slice(0, 15)]) {
        for (const tenantid of [id, `core/prod/${id}`, `CORE/prod/${id}`]) {
          const tenant = new RawClient(emulator, { tenantid });
          expect(await tenant.call('GetTopic', { topicName: TOPIC })).to.include({ topicName: TOPIC });
          tenant.close();
        }
      }
    }));
});
