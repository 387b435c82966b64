import { expect } from 'chai';
import type { Message, ProducerRecord } from 'kafkajs';
import { KafkaConnection, type KafkaSource } from './kafka-connection.js';
import { TopicWriter } from './topic-writer.js';

/** A request that a producer was given, which a test answers. */
interface Request extends ProducerRecord {
  readonly producer: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Producers whose requests are answered by hand. */
class FakeProducers {
  readonly requests: Request[] = [];
  readonly configs: object[] = [];
  disconnected = 0;
  /** What the next connections fail with. */
  readonly refusals: Error[] = [];

  writer(timeoutMs: number): TopicWriter {
    const producer = (config: object) => {
      const number = this.configs.push(config);
      return {
        connect: () => {
          const refusal = this.refusals.shift();
          return refusal ? Promise.reject(refusal) : Promise.resolve();
        },
        disconnect: () => Promise.resolve(this.disconnected++),
        send: (record: ProducerRecord) =>
          new Promise<void>((resolve, reject) => {
            this.requests.push({ ...record, producer: number, resolve, reject });
          }),
      };
    };
    const kafka = { producer, admin: () => undefined } as unknown as KafkaSource;
    return new TopicWriter(new KafkaConnection(kafka, timeoutMs), 'crm.data-A', timeoutMs);
  }

  values(): readonly (string | undefined)[] {
    return this.requests.map(({ messages: [message] }) => message?.value?.toString());
  }
}

const message = (value: string): Message[] => [{ partition: 0, value }];
const failure = (promise: Promise<unknown>) => promise.then(String, (error: unknown) => error);

/** Looks in each turn of the event loop; the test's time limit ends a wait in vain. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('TopicWriter', () => {
  it('waits for all replicas, and sends one request at a time', async () => {
    const producers = new FakeProducers();
    const writer = producers.writer(10_000);
    const sent = [writer.send(message('a')), writer.send(message('b'))];
    await until(() => producers.requests.length === 1);
    expect(producers.requests[0]).to.include({ acks: -1, topic: 'crm.data-A' });
    expect(producers.configs[0]).to.include({ maxInFlightRequests: 1, allowAutoTopicCreation: false });
    producers.requests[0]?.resolve();
    await sent[0];
    await until(() => producers.requests.length === 2);
    producers.requests[1]?.resolve();
    await sent[1];
    expect(producers.values()).to.deep.equal(['a', 'b']);
    await writer.close();
    expect(producers.disconnected).to.equal(1);
  });

  it('never sends what waited for longer than its time behind a request without an answer', async () => {
    const producers = new FakeProducers();
    const writer = producers.writer(20);
    for (const value of ['a', 'b', 'c']) {
      expect(await failure(writer.send(message(value)))).to.include({ code: 'event-log', retriable: true });
    }
    const last = failure(writer.send(message('d')));
    producers.requests[0]?.resolve();
    await until(() => producers.requests.length === 2);
    producers.requests[1]?.resolve();
    await last;
    expect(producers.values()).to.deep.equal(['a', 'd']);
  });

  it('takes another producer after a failure that may pass, and the same one after a refusal', async () => {
    const producers = new FakeProducers();
    producers.refusals.push(new Error('ECONNREFUSED'));
    const writer = producers.writer(10_000);
    const send = async (value: string, answer: (request: Request) => void) => {
      const sent = failure(writer.send(message(value)));
      await until(() => producers.requests.length > 0);
      producers.requests.splice(0).forEach(answer);
      return sent;
    };
    expect(await failure(writer.send(message('a')))).to.include({ retriable: true });
    const tooLarge = Object.assign(new Error('no'), { name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE' });
    expect(await send('b', ({ reject }) => reject(tooLarge))).to.include({ reason: 'refused', retriable: false });
    expect(await send('c', ({ reject, producer }) => reject(new Error(String(producer))))).to.match(/2/);
    expect(await send('d', ({ reject, producer }) => reject(new Error(String(producer))))).to.match(/3/);
    expect(producers.configs).to.have.length(3);
  });

  it('sends nothing more, when it is closed', async () => {
    const producers = new FakeProducers();
    const writer = producers.writer(10_000);
    const sent = ['a', 'b'].map((value) => failure(writer.send(message(value))));
    await until(() => producers.requests.length === 1);
    await writer.close();
    producers.requests[0]?.resolve();
    expect(await sent[1]).to.include({ code: 'event-log', reason: 'refused', retriable: false });
    expect(await failure(writer.send(message('c')))).to.include({ reason: 'refused' });
    expect(producers.values()).to.deep.equal(['a']);
    expect(producers.configs).to.have.length(1);
  });

  it('connects again, when a connection was refused', async () => {
    const producers = new FakeProducers();
    producers.refusals.push(Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' }));
    const writer = producers.writer(10_000);
    expect(await failure(writer.send(message('a')))).to.include({ reason: 'refused', retriable: false });
    const sent = writer.send(message('b'));
    await until(() => producers.requests.length === 1);
    producers.requests[0]?.resolve();
    await sent;
    expect(producers.disconnected).to.equal(1);
  });
});
