import { expect } from 'chai';
import PubSubApiClient from 'salesforce-pubsub-api-client';
import { type Emulator, startEmulator } from '../../src/index.js';
import { until } from '../support/until.js';

/** The other client's event: its own shape, where fields are named already. */
interface ForeignEvent {
  readonly id: string;
  readonly replayId: number;
  readonly payload: Record<string, unknown> & { readonly ChangeEventHeader: ForeignHeader };
}

interface ForeignHeader {
  readonly changeType: string;
  readonly recordIds: string[];
  readonly changedFields: string[];
  readonly nulledFields: string[];
  readonly commitNumber: bigint;
}

type Configuration = ConstructorParameters<typeof PubSubApiClient>[0];

const TOPIC = '/data/AccountChangeEvent';
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };

describe('salesforce-pubsub-api-client, unchanged', () => {
  const logins: readonly (readonly [string, (emulator: Emulator) => object])[] = [
    [
      'logs in with client credentials',
      ({ httpUrl, credentials: { clientId, clientSecret } }) => ({
        authType: 'oauth-client-credentials',
        loginUrl: httpUrl,
        clientId,
        clientSecret,
      }),
    ],
    [
      'is given a session',
      ({ credentials: { accessToken, instanceUrl } }) => ({
        authType: 'user-supplied',
        accessToken,
        // It insists on https here, although it never connects to this address.
        instanceUrl: instanceUrl.replace('http:', 'https:'),
      }),
    ],
  ];

  for (const [condition, login] of logins) {
    it(`receives change events over TLS, when it ${condition}`, () =>
      withForeignClient(login, async (client, emulator) => {
        const { org } = emulator;
        const received = collect(client, 3);
        await until(() => emulator.subscriptions()[0]?.pending === 3);
        const id = org.create('Account', { Name: 'Abel Pumps', BillingAddress: { City: 'Oslo', Country: 'Norway' } });
        org.update('Account', id, { Industry: 'Energy', BillingAddress: { City: 'Lyon' } });
        org.update('Account', id, { Industry: null });

        const [created, updated, nulled] = await received;
        expect(created!.payload.ChangeEventHeader).to.include({ changeType: 'CREATE' });
        expect(created!.payload.ChangeEventHeader.recordIds).to.deep.equal([id]);
        expect(created!.payload.Name).to.deep.equal('Abel Pumps');
        expect(updated!.payload.ChangeEventHeader.changedFields).to.deep.equal([
          'Industry',
          'LastModifiedDate',
          'BillingAddress.City',
        ]);
        expect(updated!.payload.Industry).to.equal('Energy');
        expect(nulled!.payload.ChangeEventHeader.nulledFields).to.deep.equal(['Industry']);
        expect(nulled!.payload.ChangeEventHeader.commitNumber).to.be.a('bigint');
      }));
  }

  it('goes on behind an event, when it subscribes from its replay id', () =>
    withForeignClient(logins[0]![1], async (client, { org }) => {
      const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }]);
      const [first] = await collectFrom((callback) => client.subscribeFromEarliestEvent(TOPIC, callback, 1), 1);
      expect(first!.payload.ChangeEventHeader.recordIds).to.deep.equal([ids[0]]);
      const rest = await collectFrom(
        (callback) => client.subscribeFromReplayId(TOPIC, callback, 2, first!.replayId),
        2,
      );
      expect(rest.map(({ payload }) => payload.ChangeEventHeader.recordIds)).to.deep.equal([[ids[1]], [ids[2]]]);
    }));

  it('publishes a platform event, when it is given its fields', () =>
    withForeignClient(logins[0]![1], async (client) => {
      const payload = {
        CreatedDate: Date.now(),
        CreatedById: '005Hs0000000001AAA',
        Order_Number__c: { string: 'O-1' },
        Status__c: null,
        Amount__c: { double: 12.5 },
        Has_Shipped__c: { boolean: true },
        Ordered_At__c: null,
        Comment__c: null,
      };
      const { correlationKey } = (await client.publish('/event/Order_Event__e', payload, 'order-1')) as {
        correlationKey: string;
      };
      expect(correlationKey).to.equal('order-1');
    }));
});

/**
 * Streams are left to end by themselves before the client closes: its `close()` takes all listeners off a stream
 * that goes on, whose next error then ends the process.
 */
async function withForeignClient(
  login: (emulator: Emulator) => object,
  test: (client: PubSubApiClient, emulator: Emulator) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({ idleCloseMs: 200 });
  const { grpcEndpoint } = emulator;
  const configuration = { ...login(emulator), pubSubEndpoint: grpcEndpoint, rejectUnauthorizedSsl: false };
  const client = new PubSubApiClient(configuration as Configuration, quiet);
  try {
    await client.connect();
    await test(client, emulator);
    await until(() => emulator.subscriptions().length === 0);
  } finally {
    client.close();
    await emulator.stop();
  }
}

type Callback = (info: unknown, type: string, data: unknown) => void;

function collect(client: PubSubApiClient, count: number): Promise<ForeignEvent[]> {
  return collectFrom((callback) => client.subscribe(TOPIC, callback, count), count);
}

/** Resolves with the first events once the stream has ended; rejects with the client's error. */
function collectFrom(subscribe: (callback: Callback) => void, count: number): Promise<ForeignEvent[]> {
  const events: ForeignEvent[] = [];
  return new Promise((resolve, reject) => {
    subscribe((_info, type, data) => {
      if (type === 'event') {
        events.push(data as ForeignEvent);
      } else if (type === 'error') {
        reject(new Error('The client reported an error.', { cause: data }));
      } else if (type === 'end' && events.length >= count) {
        resolve(events);
      }
    });
  });
}

function ignore(): void {
  // Quiet.
}
