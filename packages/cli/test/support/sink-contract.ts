import { expect } from 'chai';
import { SinkError, type Sink, type SinkEvent } from '../../src/sinks/sink.js';

/** A sink that writes events as they are, and what it writes to. */
export interface SinkPlace {
  open(): Sink | Promise<Sink>;
  /** The events that were written, in their order, as JSON has them. */
  written(): readonly WrittenEvent[] | Promise<readonly WrittenEvent[]>;
  /** Lets writes fail, until it is mended. Absent where another test does so. */
  readonly trouble?: { begin(): Promise<void>; end(): Promise<void> };
  close?(): Promise<void>;
}

/** An event as it was written. */
export interface WrittenEvent {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const context = { attempt: 1, signal: new AbortController().signal };
const SECRET = 'value-of-a-record';

/** A change of a record. */
export const changeOf = (id: string, record = '001000000000001', data: object = {}): SinkEvent =>
  ({
    ...{ id, topic: '/data/AccountChangeEvent', replayId: 'AAAA', schemaId: 'schema' },
    header: {
      ...{ entityName: 'Account', recordIds: [record], changeType: 'UPDATE', commitTimestamp: 1_700_000_000_000 },
      ...{ commitNumber: 2n ** 60n, changedFields: [], nulledFields: [], diffFields: [], sequenceNumber: 1 },
    },
    data: { Name: SECRET, ...data },
  }) as unknown as SinkEvent;

/**
 * What each sink promises that writes events as they are.
 *
 * @param hasTrouble - Whether the place has `trouble`.
 */
export function sinkContract(
  name: string,
  start: () => Promise<SinkPlace>,
  { hasTrouble = true }: { readonly hasTrouble?: boolean } = {},
): void {
  describe(`The sink ${name}`, () => {
    let place: SinkPlace;
    let sink: Sink;

    beforeEach(async () => {
      place = await start();
      sink = await place.open();
    });
    afterEach(async () => {
      await sink.close?.();
      await place.close?.();
    });

    const ids = async () => (await place.written()).map(({ id }) => id);

    it('has written an event once write() resolves, and keeps the order of writes', async () => {
      for (const id of ['a', 'b', 'c']) {
        await sink.write([changeOf(id)], context);
        expect((await ids()).at(-1)).to.equal(id);
      }
      expect(await ids()).to.deep.equal(['a', 'b', 'c']);
    });

    it('writes a batch of 1,000 in its order', async () => {
      const batch = Array.from({ length: 1_000 }, (_, index) => changeOf(`e${index}`));
      await sink.write(batch, context);
      expect(await ids()).to.deep.equal(batch.map(({ id }) => id));
    });

    it('takes an event that was written before', async () => {
      await sink.write([changeOf('a')], context);
      await sink.write([changeOf('a'), changeOf('b')], { ...context, attempt: 2 });
      expect([...new Set(await ids())]).to.deep.equal(['a', 'b']);
    });

    it('keeps numbers that are too large for JSON, and texts of any characters', async () => {
      await sink.write([changeOf('a', '001', { Big: 2n ** 63n - 1n, Text: '"\n\u2028é😀' })], context);
      const [event] = await place.written();
      expect(event?.data).to.include({ Big: '9223372036854775807', Text: '"\n\u2028é😀' });
    });

    it('finds nothing wrong, and writes nothing, when it is checked', async () => {
      await sink.check?.();
      expect(await ids()).to.deep.equal([]);
    });

    if (!hasTrouble) return;

    it('rejects with an error that may pass and has no values, and goes on when the trouble is over', async () => {
      await sink.write([changeOf('a')], context);
      await place.trouble?.begin();
      const error = await sink.write([changeOf('b')], context).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(SinkError).and.include({ retriable: true });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.to.include(SECRET);
      await place.trouble?.end();
      await sink.write([changeOf('b')], context);
      expect((await ids()).at(-1)).to.equal('b');
    });
  });
}
