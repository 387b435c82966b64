import { expect } from 'chai';
import { AuthenticationError, ConnectionError, SchemaError } from '@rxforce/core/model';
import { lastValueFrom, of, throwError, type Observable } from 'rxjs';
import { isOutage, isRetriable, SinkError, type Sink, type SinkEvent } from '../sinks/sink.js';
import { SinkWriter } from './sink-writer.js';

const event = (id: string, schemaId = 's1', recordIds: readonly string[] = []) =>
  ({
    id,
    schemaId,
    topic: '/data/AccountChangeEvent',
    header: { entityName: 'Account', recordIds },
  }) as unknown as SinkEvent;
const done = (written$: Observable<never>) => lastValueFrom(written$, { defaultValue: undefined });
const failure = (written$: Observable<never>) =>
  done(written$).then(
    () => undefined,
    (error: unknown) => error,
  );
const schema = (id: string) => of({ id, json: `{"name":"${id}"}` });

describe('SinkWriter', () => {
  let writes: string[];
  let counts: number[];

  const writerOf = (write: Sink['write'], more: Partial<Sink> = {}) => {
    writes = [];
    counts = [];
    const sink: Sink = {
      write: (events, context) => {
        writes.push(events.map(({ id }) => id).join());
        return write(events, context);
      },
      ...more,
    };
    return new SinkWriter(sink, { schema }, undefined, ({ length }) => counts.push(length));
  };

  it('writes only what failed, when the error of the sink says so', async () => {
    const batch = ['a', 'b', 'c', 'd'].map((id) => event(id));
    const fails = [['b', 'd'], ['d']];
    const writer = writerOf(() => {
      const failed = fails.shift();
      return failed ? Promise.reject(new SinkError('a part', { failed })) : Promise.resolve();
    });
    expect(await failure(writer.write(batch, 1))).to.include({ message: 'a part' });
    // As retryWithDLQ does it: an array of its own for each attempt.
    await failure(writer.write([...batch], 2));
    await done(writer.write([...batch], 3));
    expect(writes).to.deep.equal(['a,b,c,d', 'b,d', 'd']);
    expect(counts).to.deep.equal([2, 1, 1]);
  });

  it('writes what came after a failed event of the same record again, so that the newest is last', async () => {
    const batch = [
      event('a1', 's1', ['a']),
      event('b1', 's1', ['b']),
      // A merged event: what comes after it for either record is after a1, too.
      event('ac2', 's1', ['a', 'c']),
      event('c3', 's1', ['c']),
      event('b2', 's1', ['b']),
      event('p'),
    ];
    let rejects = true;
    const writer = writerOf(() => {
      if (!rejects) return Promise.resolve();
      rejects = false;
      return Promise.reject(new SinkError('a1', { failed: ['a1'] }));
    });
    await failure(writer.write(batch, 1));
    await done(writer.write([...batch], 2));
    expect(writes).to.deep.equal(['a1,b1,ac2,c3,b2,p', 'a1,ac2,c3']);
  });

  it('writes everything again, when the error names other events as failed', async () => {
    const batch = [event('a'), event('b')];
    const errors = [new SinkError('ids of its own', { failed: ['row 7'] })];
    const writer = writerOf(() => {
      const error = errors.shift();
      return error ? Promise.reject(error) : Promise.resolve();
    });
    await failure(writer.write(batch, 1));
    await done(writer.write([...batch], 2));
    expect(writes).to.deep.equal(['a,b', 'a,b']);
  });

  it('writes nothing, when all events of a half were written', async () => {
    const [a, b] = [event('a'), event('b')];
    const writer = writerOf(() => Promise.reject(new SinkError('b is poison', { failed: ['b'] })));
    await failure(writer.write([a, b], 1));
    await done(writer.write([a], 1));
    await failure(writer.write([b], 1));
    expect(writes).to.deep.equal(['a,b', 'b']);
  });

  it('writes everything again, when the error does not say what failed', async () => {
    const batch = [event('a'), event('b')];
    const errors = [new SinkError('all'), new SinkError('none', { failed: [] }), new Error('no SinkError')];
    const writer = writerOf(() => {
      const error = errors.shift();
      return error ? Promise.reject(error) : Promise.resolve();
    });
    for (const attempt of [1, 2, 3]) await failure(writer.write(batch, attempt));
    await done(writer.write(batch, 4));
    expect(writes).to.deep.equal(['a,b', 'a,b', 'a,b', 'a,b']);
  });

  it('tells each schema once, before the first event of it is written', async () => {
    const told: string[] = [];
    const writer = writerOf(() => Promise.resolve(), {
      schemaChanged: ({ schemaId, entity, json, topic }) => {
        told.push(`${schemaId} ${entity ?? ''} ${topic} ${json} after ${writes.length}`);
        return Promise.resolve();
      },
    });
    await done(writer.write([event('a'), event('b')], 1));
    await done(writer.write([event('c'), event('d', 's2')], 1));
    expect(told).to.deep.equal([
      's1 Account /data/AccountChangeEvent {"name":"s1"} after 0',
      's2 Account /data/AccountChangeEvent {"name":"s2"} after 1',
    ]);
  });

  it('writes nothing and tells the schema again, when the sink or the org fails at it', async () => {
    const errors = [new Error('the table is locked')];
    const writer = writerOf(() => Promise.resolve(), {
      schemaChanged: () => {
        const error = errors.shift();
        return error ? Promise.reject(error) : Promise.resolve();
      },
    });
    expect(await failure(writer.write([event('a')], 1))).to.include({ message: 'the table is locked' });
    expect(writes).to.deep.equal([]);
    await done(writer.write([event('a')], 2));
    expect(writes).to.deep.equal(['a']);
    const sink: Sink = { write: () => Promise.resolve(), schemaChanged: () => Promise.resolve() };
    const unreachable = new SinkWriter(sink, { schema: () => throwError(() => new Error('no org')) });
    expect(await failure(unreachable.write([event('a')], 1))).to.include({
      message: 'The schema of the events cannot be had: no org',
    });
  });

  it('has events wait for a schema that cannot be had, unless it is the schema that is wrong', async () => {
    const sink: Sink = { write: () => Promise.resolve(), schemaChanged: () => Promise.resolve() };
    const failing = async (cause: Error) => {
      const writer = new SinkWriter(sink, { schema: () => throwError(() => cause) });
      const error = await failure(writer.write([event('a')], 1));
      return [isRetriable(error), isOutage(error)];
    };
    const passes = new ConnectionError('Nobody answers.', { retriable: true });
    const refused = new AuthenticationError('The login was refused.');
    const wrong = new SchemaError('It is not Avro.', { schemaId: 's1' });
    expect(await failing(passes)).to.deep.equal([true, true]);
    expect(await failing(refused)).to.deep.equal([true, true]);
    expect(await failing(wrong)).to.deep.equal([false, false]);
  });

  it('aborts the attempt, when nobody waits for it any more', () => {
    const signals: AbortSignal[] = [];
    const writer = writerOf((_events, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const subscription = writer.write([event('a')], 1).subscribe();
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([false]);
    subscription.unsubscribe();
    expect(signals.map(({ aborted }) => aborted)).to.deep.equal([true]);
  });

  it('fails, when the sink throws before it gives a promise', async () => {
    const writer = writerOf(() => {
      throw new Error('no promise');
    });
    expect(await failure(writer.write([event('a')], 1))).to.include({ message: 'no promise' });
  });
});
