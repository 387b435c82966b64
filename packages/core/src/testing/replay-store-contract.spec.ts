import { expect } from 'chai';
import { ReplayId } from '../model/replay-id.js';
import { Ok } from '../model/result.js';
import type { PositionKey, ReplayStore } from '../ports/replay-store.js';
import { memoryReplayStore } from '../stores/memory-replay-store.js';
import { replayStoreContract } from './replay-store-contract.js';

/** The cases that a store fails. */
async function failedBy(change: (good: ReplayStore) => Partial<ReplayStore>, locks = true): Promise<string[]> {
  const open = () => {
    const good = memoryReplayStore();
    return { ...good, ...change(good) };
  };
  const failed: string[] = [];
  for (const { name, run } of replayStoreContract({ open, locks })) await run().catch(() => failed.push(name));
  return failed;
}

const inKeys = (change: (key: PositionKey) => Partial<PositionKey>) => (good: ReplayStore) => ({
  load: (key: PositionKey) => good.load({ ...key, ...change(key) }),
  save: (key: PositionKey, position: ReplayId | Date) => good.save({ ...key, ...change(key) }, position),
});

describe('replayStoreContract', () => {
  const broken: [string, (good: ReplayStore) => Partial<ReplayStore>, RegExp][] = [
    ['forgets', () => ({ load: () => Promise.resolve(undefined) }), /bytes of a replay id/],
    ['begins anywhere', () => ({ load: () => Promise.resolve(new Date(0)) }), /nothing was saved/],
    ['rejects', () => ({ save: () => Promise.reject(new Error('no')) }), /many saves/],
    ['is blind to case', inKeys(({ name }) => ({ name: name.toLowerCase() })), /however they are spelled/],
    ['cuts names off', inKeys(({ name }) => ({ name: name.slice(0, 255) })), /however they are spelled/],
    ['takes no account of orgs', inKeys(() => ({ organizationId: '' })), /orgs apart/],
    ['takes no account of topics', inKeys(() => ({ topic: '' })), /topics apart/],
    ['joins keys', inKeys((key) => ({ name: Object.values(key).join('-'), topic: '', organizationId: '' })), /parts/],
    ['locks nothing', () => ({ lock: () => Promise.resolve({ release: () => Promise.resolve() }) }), /refuses/],
    ['says that it saved nothing', () => ({ save: () => Promise.resolve(false) as never }), /after many saves/],
    ['resolves results', () => ({ save: () => Promise.resolve(Ok(undefined)) as never }), /after many saves/],
    ['locks with an error of another kind', () => ({ lock: () => Promise.reject(new Error('no')) }), /refuses/],
    ['gives back a text', () => ({ load: () => Promise.resolve('AAAA') as never }), /bytes of a replay id/],
    ['deletes nothing', () => ({ delete: () => Promise.resolve() }), /deletes a position/],
    ['gives a lock that cannot be released', () => ({ lock: () => Promise.resolve({}) as never }), /was released/],
    [
      'asks for the class of a replay id',
      (good) => ({
        save: (key, position) => good.save(key, position instanceof ReplayId ? position : new Date(String(position))),
      }),
      /another copy of the package/,
    ],
    [
      'keeps a text',
      (good) => ({
        save: (key, position) => {
          const text = position instanceof ReplayId ? Buffer.from(position.toBytes()).toString() : undefined;
          return good.save(key, text === undefined ? position : ReplayId.fromBytes(Buffer.from(text)));
        },
      }),
      /bytes of a replay id/,
    ],
  ];
  for (const [what, change, expected] of broken) {
    it(`fails a store that ${what}`, async () => {
      expect((await failedBy(change)).join('\n')).to.match(expected);
    });
  }

  it('takes a store without locks, when told so', async () => {
    const { load, save } = memoryReplayStore();
    const open = () => ({ load, save });
    const names = replayStoreContract({ open, locks: false }).map(({ name }) => name);
    expect(names).to.include('has no lock').and.not.include('locks a position again, when it was released');
    expect(await failedBy((good) => good, false)).to.deep.equal(['has no lock']);
  });

  it('disposes of what a case used, also when it failed', async () => {
    const open = () => ({ ...memoryReplayStore(), load: () => Promise.reject(new Error('no')) });
    let disposed = 0;
    const [first] = replayStoreContract({ open, dispose: () => ((disposed += 1), undefined) });
    expect(await first!.run().catch(() => 'failed')).to.equal('failed');
    expect(disposed).to.equal(1);
  });
});
