import { inspect } from 'node:util';
import { expect } from 'chai';
import { EMPTY } from 'rxjs';
import { anotherCopy } from '../../test/support/another-copy.js';
import { idOf, nameOf } from '../../test/support/fake-store.js';
import { ReplayStoreError, RxforceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { Err, Ok } from '../model/result.js';
import type { PositionKey, ReplayStore, StreamPosition } from '../ports/replay-store.js';
import { PositionClaim } from './position-claim.js';
import { claimed, KEY, open } from '../../test/support/claims.js';

describe('PositionClaim', () => {
  describe('what a store answers', () => {
    /** A store that answers anything at all. */
    const answering = (answers: { load?: unknown; save?: unknown; lock?: unknown; reachedBefore?: unknown }) => {
      const saves: unknown[] = [];
      const plain = {
        load: () => ('load' in answers ? answers.load : Promise.resolve(undefined)),
        save: (_key: PositionKey, position: unknown) => {
          saves.push(position);
          return 'save' in answers ? answers.save : Promise.resolve();
        },
        ...('lock' in answers && { lock: () => answers.lock }),
        ...('reachedBefore' in answers && { reachedBefore: () => answers.reachedBefore }),
      } as ReplayStore;
      return { saves, claim: claimed(plain) };
    };
    const base64 = 'AAAAAACnSDkAAA==';

    for (const [what, value, named, advice] of [
      ['a text', base64, 'a text', 'ReplayId.parse'],
      ['bytes', Buffer.from(base64, 'base64'), 'bytes', 'ReplayId.fromBytes'],
      ['JSON', { replayId: base64 }, 'an object of replayId', 'ReplayId.parse'],
      ['a number', 1_700_000_000_000, 'a number', 'new Date(epochMs)'],
      ['an invalid Date', new Date(NaN), 'an invalid Date', 'ReplayId.parse'],
      ['an empty replay id', ReplayId.fromBytes(Buffer.alloc(0)), 'an instance of ReplayId', 'empty'],
      ['false', false, 'false', 'ReplayId.parse'],
      ['an error', new Error('disk on fire'), 'an instance of Error', 'Reject'],
      ['an Ok', Ok(idOf('a')), 'an instance of OkImpl', 'Results are of an older contract: resolve with the position'],
      ['an Ok of nothing', Ok(undefined), 'an instance of OkImpl', 'Results are of an older contract'],
      ['an Err', Err(new ReplayStoreError('busy')), 'an instance of ErrImpl', 'reject where it fails'],
      [
        'an Ok of another copy',
        { ok: true, err: false, val: undefined },
        'an object of ok, err, val',
        'older contract',
      ],
    ] as const) {
      it(`is position-corrupted and overwrites nothing, when load gives ${what}`, async () => {
        const { claim, saves } = answering({ load: Promise.resolve(value) });
        const { val: error } = await claim.open(idOf('before'));
        expect(error)
          .to.be.instanceOf(RxforceError)
          .and.include({ code: 'position-corrupted', retriable: false, topic: KEY.topic });
        expect((error as ReplayStoreError).message)
          .to.include(`resolved with ${named} for the position "default"`)
          .and.include(advice)
          .and.not.include(base64);
        expect(saves).to.deep.equal([]);
      });
    }

    for (const value of [undefined, null]) {
      it(`is nothing, when load gives ${value}`, async () => {
        expect(await open(answering({ load: Promise.resolve(value) }).claim)).to.equal(undefined);
      });
    }

    it('is a replay id of this copy of the package, when it is of another', async () => {
      const { ReplayId: Other } = await anotherCopy();
      const foreign = Other.parse(base64);
      const { val } = await answering({ load: Promise.resolve(foreign) }).claim.open(undefined);
      expect(val)
        .to.be.instanceOf(ReplayId)
        .and.satisfy((id: ReplayId) => id.toString() === base64);
      const { claim } = answering({ reachedBefore: Promise.resolve(foreign) });
      expect(await claim.reachedBefore(new Date())).to.be.instanceOf(ReplayId);
    });

    it('is the error that an Err holds, as the cause, when load or save gives one', async () => {
      const cause = new Error('disk on fire');
      const { claim } = answering({ load: Promise.resolve(Err(cause)), save: Promise.resolve(Err(cause)) });
      expect((await claim.open(undefined)).val).to.include({ code: 'position-corrupted', cause });
      expect((await claim.save(idOf('a'))).val).to.include({ code: 'replay-store', retriable: false, cause });
    });

    for (const answer of [undefined, 'OK', true, 0, '', 1, {}, [], idOf('a'), { ok: true }, { ok: 'yes', val: 1 }]) {
      it(`is saved, when save gives ${inspect(answer)}`, async () => {
        for (const save of [answer, Promise.resolve(answer)]) {
          const { claim, saves } = answering({ save });
          expect((await claim.save(idOf('a'))).ok).to.equal(true);
          expect(saves.map((saved) => nameOf(saved as StreamPosition))).to.deep.equal(['a']);
        }
      });
    }

    for (const answer of [
      false,
      null,
      new Error('disk on fire'),
      new ReplayStoreError('busy'),
      Ok(undefined),
      Err(new ReplayStoreError('busy')),
      { ok: true, err: false, val: undefined },
      EMPTY,
    ]) {
      it(`is an error that cannot pass, when save gives ${inspect(answer, { depth: 0 })}`, async () => {
        const { claim } = answering({ save: answer });
        const { val } = await claim.save(idOf('a'));
        expect(val).to.be.instanceOf(RxforceError).and.include({ code: 'replay-store', retriable: false });
        expect((val as Error).message)
          .to.include('save() of the replay store resolved with')
          .and.include('must resolve with nothing once the position is durable, and reject with a ReplayStoreError')
          .and.not.include('disk on fire');
      });
    }

    it('says that results are of an older contract, when save or lock gives one', async () => {
      let released = 0;
      const lock = { release: () => Promise.resolve(released++) };
      const { claim } = answering({ save: Ok(undefined), lock: Ok(lock) });
      for (const { val } of [await claim.open(undefined), await claim.save(idOf('a'))]) {
        expect((val as Error).message).to.include('Results are of an older contract.');
      }
      // Nobody else could.
      expect(released).to.equal(1);
    });

    it('is an error, and never a crash, when a store rejects with what cannot be printed', async () => {
      const thrown: unknown = Object.create(null);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as a store of somebody else's might
      const rejecting = Promise.reject(thrown);
      const { val } = await answering({ load: rejecting }).claim.open(undefined);
      expect(val).to.include({ code: 'replay-store', retriable: true, cause: thrown });
    });

    it('is an error, when a store throws at once', async () => {
      const throwing = () => {
        throw new Error('sync');
      };
      const claim = claimed({ load: throwing, save: throwing });
      for (const { val } of [await claim.open(undefined), await claim.save(idOf('a'))]) {
        expect(val).to.include({ code: 'replay-store', message: 'The replay store failed: sync', retriable: true });
      }
    });

    for (const answer of [
      undefined,
      null,
      false,
      {},
      { release: true },
      Ok(undefined),
      Ok({ release: () => undefined }),
    ]) {
      it(`is an error that cannot pass, when lock gives ${inspect(answer)}`, async () => {
        const { val } = await answering({ lock: Promise.resolve(answer) }).claim.open(undefined);
        expect(val).to.be.instanceOf(RxforceError).and.include({ code: 'replay-store', retriable: false });
        expect((val as Error).message).to.match(
          /^lock\(\) .* must resolve with \{ release \}, and reject with a PositionInUseError/,
        );
      });
    }

    for (const release of [
      () => {
        throw new Error('sync');
      },
      () => Promise.reject(new Error('async')),
      () => undefined,
      () => 5,
    ]) {
      it(`is free again, when release does ${String(release).replace(/\s+/g, ' ')}`, async () => {
        const plain = {
          load: () => Promise.resolve(Ok(undefined)),
          save: () => Promise.resolve(),
          lock: () => Promise.resolve(Ok({ release })),
        } as unknown as ReplayStore;
        const claim = claimed(plain);
        await open(claim);
        await claim.release();
        expect(PositionClaim.claim(plain, KEY).ok).to.equal(true);
      });
    }

    for (const answer of [undefined, null, 'AAAA', 5, new Date(), Ok(undefined), Ok(idOf('a')), false]) {
      it(`is no hint, when reachedBefore gives ${inspect(answer)}`, async () => {
        const { claim } = answering({ reachedBefore: Promise.resolve(answer) });
        expect(await claim.reachedBefore(new Date())).to.equal(undefined);
      });
    }
  });
});
