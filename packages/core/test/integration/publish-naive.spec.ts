import { expect } from 'chai';
import { map, type Observable, type OperatorFunction } from 'rxjs';
import {
  memoryReplayStore,
  PublishError,
  staticSession,
  type ChangeEvent,
  type DeliveryFailedError,
  type PubSubClient,
  type PublishInput,
  type PublishResult,
  type Status,
} from '@rxforce/core';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { memoryDeadLetterQueue, redrive } from '@rxforce/dead-letters';
import { publishOrPutAside } from '@rxforce/operators';
import { clientOf } from '../support/emulated.js';
import { until } from '../fault/support/wait-for.js';

const TOPIC = '/event/Order_Event__e';
const CHANGES = '/data/AccountChangeEvent';
const USER = '005000000000001AAA';
const COUNT = 60;

type Account = ChangeEvent<{ Name: string; AnnualRevenue: number }>;
type Input = PublishInput;

const orderOf = (field: string, valueOf: (event: Account) => unknown) =>
  map((event: Account): Input => ({ id: event.id, data: { [field]: valueOf(event) } }));
const fitting = orderOf('Order_Number__c', ({ data }) => data.Name);
/** From the eleventh on. */
const laterWrong = (field: string, valueOf: (event: Account) => unknown) =>
  map((event: Account): Input => {
    const isLate = (event.data.AnnualRevenue ?? 0) > 10;
    return { id: event.id, data: isLate ? { [field]: valueOf(event) } : { Order_Number__c: event.data.Name } };
  });

interface Org {
  readonly emulator: Emulator;
  readonly client: PubSubClient;
  readonly statuses: Status[];
  readonly warnings: string[];
  /** The changes, with their position in a store. */
  changes(): Observable<Account>;
}

async function inOrg(test: (org: Org) => Promise<void>): Promise<void> {
  const emulator = await startEmulator({ seed: 1, tls: false });
  const warnings: string[] = [];
  const client = clientOf(emulator, { logger: { warn: (message) => warnings.push(message) } });
  const statuses: Status[] = [];
  client.status$.subscribe((status) => statuses.push(status));
  const store = memoryReplayStore();
  for (let number = 1; number <= COUNT; number++) {
    emulator.org.create('Account', { Name: `account ${number}`, AnnualRevenue: number });
  }
  const changes = () =>
    client.changes('Account', { replay: { store, name: 'x', from: 'earliest' } }) as Observable<Account>;
  try {
    await test({ emulator, client, statuses, warnings, changes });
  } finally {
    client.close();
    await emulator.stop();
  }
}

/** The changes that are committed: what a new subscription does not get again. */
function committedOf({ statuses, emulator }: Org): number {
  const last = statuses.filter((status) => status.type === 'committed').at(-1)?.position;
  return emulator.log(CHANGES).findIndex(({ replayId }) => replayId === last?.toString()) + 1;
}

/** Subscribes as one who has not read anything does, and gives the error that it ends with. */
const errorOf = (results: Observable<PublishResult>) =>
  new Promise<DeliveryFailedError>((resolve, reject) => {
    results.subscribe({ error: resolve, complete: () => reject(new Error('It has completed.')) });
  });

describe('Publishing, by people who have read nothing', () => {
  const pipelines: [string, OperatorFunction<Account, Input>, object, RegExp, (emulator: Emulator) => void][] = [
    [
      'a field that is misspelt',
      laterWrong('OrderNumber__c', () => 'x'),
      { createdById: USER },
      /OrderNumber__c is no field of the schema \(is it "Order_Number__c"\?\)/,
      () => undefined,
    ],
    [
      'a number where a text must be',
      laterWrong('Order_Number__c', ({ data }) => data.AnnualRevenue),
      { createdById: USER },
      /Order_Number__c must be a text, but is a number/,
      () => undefined,
    ],
    [
      'refusals by the service',
      fitting,
      { createdById: USER },
      /The service did not publish the event/,
      ({ faults }) => faults.failEvents({ times: 20 }),
    ],
  ];
  for (const [what, orders, options, message, arrange] of pipelines) {
    it(`fails at the first event that is not published, and commits nothing from there on: ${what}`, () =>
      inOrg(async (org) => {
        arrange(org.emulator);
        const error = await errorOf(org.changes().pipe(orders, org.client.publisher(TOPIC, options)));
        await until(() => org.statuses.some(({ type }) => type === 'closed'));
        expect(error.code).to.equal('delivery-failed');
        expect(error.message).to.match(message).and.include('publishOrPutAside').and.include(TOPIC);
        expect(error.cause).to.be.instanceOf(PublishError);
        const onTopic = new Set(org.emulator.log(TOPIC).map(({ id }) => id));
        const log = org.emulator.log(CHANGES);
        const committed = committedOf(org);
        expect(log.slice(0, committed).filter(({ id }) => !onTopic.has(id))).to.deep.equal([]);
        const { eventId } = error.cause as PublishError;
        expect(committed).to.be.at.most(log.findIndex(({ id }) => id === eventId));
        expect(org.statuses.filter(({ type }) => type === 'refused')).to.have.length(1);
      }));
  }

  it('fails, where the login does not tell the user, and says what to give', () =>
    inOrg(async (org) => {
      const { accessToken, instanceUrl, organizationId } = org.emulator.credentials;
      const auth = staticSession({ accessToken, instanceUrl, organizationId });
      const nobody = clientOf(org.emulator, { auth });
      try {
        const error = await errorOf(org.changes().pipe(fitting, nobody.publisher(TOPIC)));
        await until(() => org.statuses.some(({ type }) => type === 'closed'));
        expect(error.message).to.include('CreatedById').and.include('give createdById');
        expect(committedOf(org)).to.equal(0);
      } finally {
        nobody.close();
      }
    }));

  it('goes on, with onRefused settle, and warns', () =>
    inOrg(async (org) => {
      org.emulator.faults.failEvents({ times: 20 });
      const options = { createdById: USER, onRefused: 'settle' } as const;
      org.changes().pipe(fitting, org.client.publisher(TOPIC, options)).subscribe();
      await until(() => committedOf(org) === COUNT);
      expect(org.emulator.log(TOPIC)).to.have.length(COUNT - 20);
      expect(org.statuses.filter(({ type }) => type === 'refused')).to.have.length(20);
      expect(org.warnings).to.have.length(1);
    }));

  it('puts aside what is refused, with publishOrPutAside, and redrive publishes it', () =>
    inOrg(async (org) => {
      const queue = memoryDeadLetterQueue();
      const { client, emulator } = org;
      emulator.faults.failEvents({ times: 20 });
      org
        .changes()
        .pipe(fitting, publishOrPutAside(client.publisher(TOPIC), queue))
        .subscribe();
      await until(() => committedOf(org) === COUNT);
      expect(emulator.log(TOPIC)).to.have.length(COUNT - 20);
      const again = (input: Input) => client.publish(TOPIC, input).pipe(map((result) => result.unwrap()));
      await new Promise<void>((complete, error) => redrive(queue, again).subscribe({ complete, error }));
      const published = emulator.log(TOPIC).map(({ id }) => id);
      expect(published).to.have.members(emulator.log(CHANGES).map(({ id }) => id));
      expect(await queue.take({ limit: 1 })).to.deep.equal([]);
    }));
});
