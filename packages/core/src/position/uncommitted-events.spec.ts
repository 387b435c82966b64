import { expect } from 'chai';
import fc from 'fast-check';
import { ReplayId } from '../model/replay-id.js';
import { UncommittedEvents } from './uncommitted-events.js';

const idOf = (name: string) => ReplayId.fromBytes(Buffer.from(name));

describe('UncommittedEvents', () => {
  it('knows an event until a commit covers it', () => {
    const events = new UncommittedEvents(() => undefined);
    expect(['a', 'b', 'c'].map((name) => events.seen(name, idOf(name)))).to.deep.equal([false, false, false]);
    events.committed(2);
    events.streamOpened();
    expect(events.size).to.equal(1);
    expect(events.seen('c', idOf('c'))).to.equal(true);
  });

  it('tells events apart that share an id, or a replay id', () => {
    const events = new UncommittedEvents(() => undefined);
    expect(events.seen('a', idOf('1'))).to.equal(false);
    expect(events.seen('a', idOf('2'))).to.equal(false);
    expect(events.seen('b', idOf('1'))).to.equal(false);
    expect(events.seen('a', idOf('1'))).to.equal(true);
  });

  it('knows what was committed on the stream that still sends it, until something new came', () => {
    const events = new UncommittedEvents(() => undefined);
    ['a', 'b'].forEach((name) => events.seen(name, idOf(name)));
    events.streamOpened();
    expect(events.seen('a', idOf('a'))).to.equal(true);
    events.committed(2);
    expect(events.seen('b', idOf('b'))).to.equal(true);
    expect(events.size).to.equal(2);
    expect(events.seen('c', idOf('c'))).to.equal(false);
    expect(events.size).to.equal(1);
  });

  it('takes an event without a replay id for a new one, and counts it', () => {
    const events = new UncommittedEvents(() => undefined);
    expect(events.seen('a', undefined)).to.equal(false);
    expect(events.seen('a', undefined)).to.equal(false);
    expect(events.seen('b', idOf('b'))).to.equal(false);
    events.committed(2);
    events.streamOpened();
    expect(events.size).to.equal(1);
    expect(events.seen('b', idOf('b'))).to.equal(true);
  });

  it('takes events without an id for new ones, though they share a replay id', () => {
    const events = new UncommittedEvents(() => undefined);
    expect(events.seen('', idOf('1'))).to.equal(false);
    expect(events.seen('', idOf('1'))).to.equal(false);
    expect(events.size).to.equal(2);
  });

  it('knows the last events also when a commit covers them', () => {
    const events = new UncommittedEvents(() => undefined);
    ['a', 'b'].forEach((name) => events.seen(name, idOf(name)));
    events.committed(2);
    events.streamOpened();
    expect(events.size).to.equal(0);
    expect(events.seen('b', idOf('b'))).to.equal(true);
  });

  describe('tells that a stream began somewhere else', () => {
    const jumpsOf = (streams: readonly string[][], committing = 0) => {
      let jumps = 0;
      const events = new UncommittedEvents(() => jumps++);
      for (const names of streams) {
        events.streamOpened();
        names.forEach((name) => events.seen(name, idOf(name)));
        events.committing(committing);
      }
      return jumps;
    };

    it('when its first event is new, though others came that no commit can cover', () => {
      expect(jumpsOf([['a'], ['c']])).to.equal(1);
      expect(jumpsOf([['a'], ['c', 'd'], ['e']])).to.equal(2);
    });

    it('not when it begins with one of those', () => {
      expect(
        jumpsOf([
          ['a', 'b'],
          ['b', 'c'],
          ['a', 'b', 'c', 'd'],
        ]),
      ).to.equal(0);
    });

    it('not when a commit that had no answer may cover them', () => {
      expect(jumpsOf([['a'], ['b']], 1)).to.equal(0);
    });
  });

  it('remembers exactly what came after the last commit, whatever comes again', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ fresh: fc.nat(5), commit: fc.nat(20) }), { maxLength: 40 }), (steps) => {
        const events = new UncommittedEvents(() => undefined);
        let received = 0;
        let committed = 0;
        for (const { fresh, commit } of steps) {
          // A new stream: all since the last commit comes again, then what is new.
          events.streamOpened();
          const names = Array.from({ length: received - committed + fresh }, (_, index) => `${committed + index}`);
          const seen = names.map((name) => events.seen(name, idOf(name)));
          expect(seen).to.deep.equal(names.map((_, index) => index < received - committed));
          received += fresh;
          committed = Math.min(received, committed + commit);
          events.committed(committed);
          events.streamOpened();
          expect(events.size).to.equal(received - committed);
        }
      }),
    );
  });
});
