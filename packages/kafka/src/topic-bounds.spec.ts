import { expect } from 'chai';
import type { KafkaConnection } from './kafka-connection.js';
import { BoundsLookup } from './topic-bounds.js';

/** A call to the brokers, which a test answers. */
interface Call {
  readonly what: string;
  readonly resolve: (offsets: readonly { partition: number; low: string; high: string }[]) => void;
  readonly reject: (error: Error) => void;
}

describe('BoundsLookup', () => {
  let calls: Call[];
  let lookup: BoundsLookup;

  beforeEach(() => {
    calls = [];
    const ask = (what: string) =>
      new Promise((resolve, reject) => void calls.push({ what, resolve, reject: (error) => reject(error) }));
    lookup = new BoundsLookup({ ask } as unknown as KafkaConnection);
  });

  const answer = (call: Call | undefined, high: number) =>
    call?.resolve([0, 1].map((partition) => ({ partition, low: '0', high: String(high + partition) })));

  it('shares one call among those that ask while another one is under way', async () => {
    const first = lookup.of('a', 0);
    const later = [lookup.of('a', 0), lookup.of('a', 1)];
    expect(calls).to.have.length(1);
    answer(calls[0], 5);
    expect(await first).to.deep.equal({ low: 0n, high: 5n });
    expect(calls).to.have.length(2);
    // The first answer may be older than these questions.
    answer(calls[1], 7);
    expect(await Promise.all(later)).to.deep.equal([
      { low: 0n, high: 7n },
      { low: 0n, high: 8n },
    ]);
    void lookup.of('a', 0);
    expect(calls).to.have.length(3);
  });

  it('asks for each topic, and asks again after a failure', async () => {
    const [one, other] = [lookup.of('a', 0).catch(String), lookup.of('b', 0)];
    const next = lookup.of('a', 0);
    calls[0]?.reject(new Error('away'));
    answer(calls[1], 3);
    expect(await one).to.equal('Error: away');
    expect(await other).to.include({ high: 3n });
    answer(calls[2], 4);
    expect(await next).to.include({ high: 4n });
    expect(calls.map(({ what }) => what.at(-1))).to.deep.equal(['a', 'b', 'a']);
  });

  it('rejects with an error that may pass, when the brokers tell nothing of the partition', async () => {
    const asked = lookup.of('a', 2).catch((error: unknown) => error);
    answer(calls[0], 1);
    expect(await asked).to.include({ code: 'event-log', reason: 'unavailable' });
  });
});
