import type { NatsConnection } from '@nats-io/transport-node';
import type { EventLog } from '@rxforce/core';
import { jetStreamLog, type JetStreamLogOptions } from '@rxforce/jetstream';
import { expect } from 'chai';
import { entriesOf, idsOf, startReading, TOPIC } from '../support/entries.js';
import { until } from '../support/nats-server.js';
import { natsSuite } from '../support/nats-suite.js';
import {
  alteringConnection,
  holdingConnection,
  losingConnection,
  type Alteration,
  type Fields,
} from '../support/odd-connection.js';

/**
 * A server of a cluster that was away catches up with the others while it answers already; and a consumer in the memory
 * of one server may be made on it.
 */
describe('a log, where a server that answers is behind the others', () => {
  const suite = natsSuite();
  let names = 0;

  beforeEach(() => names++);

  const logOf = (nats: NatsConnection, options: Partial<JetStreamLogOptions> = {}): EventLog =>
    jetStreamLog(nats, { name: `log-${names}`, partitions: 2, timeoutMs: 2_000, ...options });
  /** An answer about a stream on three servers that has this one as its last message. */
  const endingAt = (answer: Fields, last: number): Fields => ({
    ...onThree(answer),
    state: { ...(answer.state as Fields), last_seq: last },
  });
  const onThree = (answer: Fields): Fields => ({
    ...answer,
    config: { ...(answer.config as Fields), num_replicas: 3 },
  });

  /** Of a stream on three servers: so many times, the server that is asked does not know what follows. */
  const notKnowingNext = (times: number): Alteration => {
    let [left, asksForNext] = [times, false];
    return {
      call: (_, asked) => {
        asksForNext = JSON.stringify(asked).includes('next_by_subj');
        return asked;
      },
      answer: (name, told) => {
        if (name.startsWith('STREAM.INFO.rxforce+')) return onThree(told);
        if (!name.startsWith('STREAM.MSG.GET.') || !asksForNext || left-- <= 0) return told;
        return { type: told.type, error: { code: 404, err_code: 10037, description: 'no message found' } };
      },
    };
  };

  it('is read on, when its consumer never brings what that server has caught up with', async () => {
    const nats = await suite.connect();
    const writer = logOf(nats);
    await writer.append(TOPIC, entriesOf(1, 10));
    let count = 0;
    // Ten that the consumer brings, and ten that it does not; but it gives signs of life.
    const isLost = ({ reply = '' }) => reply.startsWith('$JS.ACK.') && ++count > 10 && count <= 20;
    const reading = startReading(logOf(losingConnection(nats, isLost), { keepaliveMs: 300 }));
    await until(() => reading.entries.length === 10);
    await writer.append(TOPIC, entriesOf(11, 20));
    await until(() => reading.entries.length >= 20 || reading.errors.length > 0);
    expect(reading.ids()).to.deep.equal(idsOf(1, 20));
    reading.subscription.unsubscribe();
  });

  it('is read on without what was read already, when its consumer begins at the end of that server', async () => {
    const nats = await suite.connect();
    const writer = logOf(nats);
    await writer.append(TOPIC, entriesOf(1, 20));
    const first = startReading(writer, { wanted: 15 });
    await until(() => first.entries.length === 15);
    const call = (name: string, made: Fields): Fields => {
      if (!name.startsWith('CONSUMER.CREATE.')) return made;
      const config = made.config as Fields;
      expect(config.opt_start_seq).to.equal(16);
      return { ...made, config: { ...config, opt_start_seq: 6 } };
    };
    const behind = logOf(alteringConnection(nats, { call }));
    // Fewer than it brings of what was read.
    const reading = startReading(behind, { from: first.entries[14]!.position, wanted: 3 });
    await until(() => reading.entries.length === 3 || reading.errors.length > 0);
    expect(reading.ids()).to.deep.equal(idsOf(16, 18));
    [first, reading].forEach(({ subscription }) => subscription.unsubscribe());
  });

  it('is read on, when that server does not know of the last message yet', async () => {
    const nats = await suite.connect();
    const writer = logOf(nats);
    await writer.append(TOPIC, entriesOf(1, 10));
    const first = startReading(writer);
    await until(() => first.entries.length === 10);
    let asked = 0;
    const answer = (name: string, told: Fields) =>
      name.startsWith('STREAM.INFO.rxforce+') ? endingAt(told, ++asked > 3 ? 10 : 7) : told;
    const reading = startReading(logOf(alteringConnection(nats, { answer })), { from: first.entries[9]!.position });
    await writer.append(TOPIC, entriesOf(11, 12));
    await until(() => reading.entries.length === 2 || reading.errors.length > 0);
    expect(reading.ids()).to.deep.equal(idsOf(11, 12));
    [first, reading].forEach(({ subscription }) => subscription.unsubscribe());
  });

  it('errors, to be tried again, when that server does not know of the last message for long', async () => {
    const nats = await suite.connect();
    const writer = logOf(nats);
    await writer.append(TOPIC, entriesOf(1, 10));
    const first = startReading(writer);
    await until(() => first.entries.length === 10);
    const answer = (name: string, told: Fields) => (name.startsWith('STREAM.INFO.rxforce+') ? endingAt(told, 7) : told);
    const log = logOf(alteringConnection(nats, { answer }), { timeoutMs: 1_000 });
    const reading = startReading(log, { from: first.entries[9]!.position });
    await until(() => reading.errors.length > 0);
    expect(reading.errors[0]).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
    expect(reading.errors[0])
      .to.have.property('message')
      .that.matches(/knows messages up to 7, and message 10 was there/);
    first.subscription.unsubscribe();
  });

  it('is read from the entry after a position, when that server does not know it yet', async () => {
    const nats = await suite.connect();
    const writer = logOf(nats);
    await writer.append(TOPIC, entriesOf(1, 10));
    const first = startReading(writer);
    await until(() => first.entries.length === 10);
    const log = logOf(alteringConnection(nats, notKnowingNext(1)));
    const reading = startReading(log, { from: first.entries[4]!.position });
    await until(() => reading.entries.length === 5 || reading.errors.length > 0);
    expect(reading.ids()).to.deep.equal(idsOf(6, 10));
    [first, reading].forEach(({ subscription }) => subscription.unsubscribe());
  });

  it('is read without a hole, when that server knows nothing of what is on its way', async () => {
    const nats = await suite.connect();
    const writer = logOf(nats);
    await writer.append(TOPIC, entriesOf(1, 5));
    const slow = holdingConnection(nats);
    let lies = 0;
    let asksForNext = false;
    const altered: Alteration = {
      call: (_, asked) => {
        asksForNext = JSON.stringify(asked).includes('next_by_subj');
        return asked;
      },
      // A server alone that lies, so that nothing else notices.
      answer: (name, told) => {
        if (!name.startsWith('STREAM.MSG.GET.') || !asksForNext || lies === 0) return told;
        lies--;
        return { type: told.type, error: { code: 404, err_code: 10037, description: 'no message found' } };
      },
    };
    const reading = startReading(logOf(alteringConnection(slow.nats, altered), { keepaliveMs: 300 }));
    await until(() => reading.entries.length === 5);
    slow.hold();
    lies = 1;
    await writer.append(TOPIC, entriesOf(6, 10));
    const { count } = reading.quiet;
    await until(() => lies === 0 && reading.quiet.count > count);
    slow.release();
    await writer.append(TOPIC, entriesOf(11, 12));
    await until(() => reading.ids().includes('event-12') || reading.errors.length > 0);
    expect(reading.ids()).to.deep.equal(idsOf(1, 12));
    reading.subscription.unsubscribe();
  });

  it('errors, when one consumer after the other gives signs of life and brings nothing', async () => {
    const nats = await suite.connect();
    await logOf(nats).append(TOPIC, entriesOf(1, 5));
    const losing = losingConnection(nats, ({ reply = '' }) => reply.startsWith('$JS.ACK.'));
    const reading = startReading(logOf(losing, { keepaliveMs: 200, timeoutMs: 100 }));
    await until(() => reading.errors.length > 0);
    expect(reading.errors[0]).to.include({ code: 'event-log', retriable: true });
    expect(reading.ids()).to.deep.equal([]);
  });

  it('is appended to later, when that server does not know what was appended last', async () => {
    const nats = await suite.connect();
    let [fails, isBehind] = [false, false];
    const log = logOf(
      alteringConnection(nats, {
        call: (name, asked) => {
          if (fails && name.startsWith('rxforce.')) throw new Error('TIMEOUT');
          return asked;
        },
        answer: (name, told) => (isBehind && name.startsWith('STREAM.INFO.rxforce+') ? endingAt(told, 7) : told),
      }),
      { timeoutMs: 1_000 },
    );
    const failure = () =>
      log.append(TOPIC, entriesOf(11, 12), 1).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    await log.append(TOPIC, entriesOf(1, 10), 1);
    fails = true;
    expect(await failure()).to.include({ code: 'event-log' });
    [fails, isBehind] = [false, true];
    expect(await failure()).to.include({ code: 'event-log', reason: 'unavailable', retriable: true });
    isBehind = false;
    expect(await failure()).to.equal(undefined);
  });

  for (const known of [7, 0]) {
    it(`is not appended to, when that server has ${known} of the newest entries to compare with`, async () => {
      const nats = await suite.connect();
      await logOf(nats).append(TOPIC, entriesOf(1, 10));
      let isBehind = true;
      const answer = (name: string, told: Fields) =>
        isBehind && name.startsWith('CONSUMER.CREATE.') ? { ...told, num_pending: known } : told;
      const log = logOf(alteringConnection(nats, { answer }));
      const error = await log.append(TOPIC, entriesOf(9, 12)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.include({ code: 'event-log', retriable: true });
      isBehind = false;
      await log.append(TOPIC, entriesOf(9, 12));
      const reading = startReading(log);
      await until(() => reading.entries.length >= 12);
      expect(reading.ids()).to.deep.equal(idsOf(1, 12));
      reading.subscription.unsubscribe();
    });
  }
});
