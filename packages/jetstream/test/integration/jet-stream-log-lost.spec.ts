import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EventLogError, type EventLog } from '@rxforce/core';
import { jetStreamLog, type JetStreamLogOptions } from '@rxforce/jetstream';
import { expect } from 'chai';
import { natsSuite } from '../support/nats-suite.js';
import { until } from '../support/nats-server.js';
import { entriesOf, idsOf, startReading, TOPIC, type StartedReading } from '../support/entries.js';

/** The server comes back as it was some time before: it had not synced what came since. */
describe('a reading, when JetStream has lost its end', () => {
  const suite = natsSuite();
  let names = 0;

  beforeEach(() => names++);

  const logOf = async (options: Partial<JetStreamLogOptions>): Promise<EventLog> =>
    jetStreamLog(await suite.connect(), { name: `log-${names}`, partitions: 2, timeoutMs: 5_000, ...options });
  const files = () => join(suite.server.folder, 'jetstream');
  const backup = () => join(suite.server.folder, 'backup');

  /** Reads 20 entries, of which JetStream then has 10 left. */
  const readAndLose = async (keepaliveMs: number): Promise<StartedReading> => {
    const writer = await logOf({});
    await writer.append(TOPIC, entriesOf(1, 10));
    await suite.server.kill('SIGTERM');
    await cp(files(), backup(), { recursive: true });
    await suite.server.start();
    const reading = startReading(await logOf({ keepaliveMs }), { wanted: 20 });
    await (await logOf({})).append(TOPIC, entriesOf(11, 20));
    await until(() => reading.entries.length === 20);
    await suite.server.kill();
    await rm(files(), { recursive: true });
    await cp(backup(), files(), { recursive: true });
    await rm(backup(), { recursive: true });
    await suite.server.start();
    return reading;
  };
  /** What a reading ends with. A call on its way to the killed server has no answer: then another reading goes on. */
  const endOf = async (reading: StartedReading): Promise<unknown> => {
    await until(() => reading.errors.length > 0 || reading.entries.length > 20);
    const [error] = reading.errors;
    if (!EventLogError.is(error) || !error.retriable) return error;
    const next = startReading(await logOf({ keepaliveMs: 1_000 }), { from: reading.entries[19]!.position });
    await until(() => next.errors.length > 0 || next.entries.length > 0);
    expect(next.ids()).to.deep.equal([]);
    return next.errors[0];
  };
  const expectInvalid = async (reading: StartedReading) => {
    const end = await endOf(reading);
    expect(end).to.include({ code: 'replay-id-invalid' });
    expect(end).to.include({ replayId: reading.entries[19]?.position.toString() });
    expect(reading.ids()).to.deep.equal(idsOf(1, 20));
  };

  it('errors with replay-id-invalid, when nothing more is there', async () => {
    await expectInvalid(await readAndLose(1_000));
  });

  it('errors with replay-id-invalid, when others have taken the sequences and it wants more', async () => {
    const reading = await readAndLose(60_000);
    await (await logOf({})).append(TOPIC, entriesOf(101, 115));
    reading.demand.next(100);
    await expectInvalid(reading);
  });
});
