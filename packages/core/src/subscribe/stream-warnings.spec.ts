import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { AuthenticationError, ConnectionError, ServiceError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { Tell } from '../ports/status.js';
import { StreamWarnings } from './stream-warnings.js';

const AWAY = new ServiceError('The service is away.');
const NO_SCHEMA = new ServiceError('No schema.');
const NO_POSITION = new ServiceError('No position.');
const NOT_SAVED = new ServiceError('Not saved.');
const REFUSED = new AuthenticationError('The session was refused.', { grpcStatus: 16 });

/** The warnings of a topic, and what was warned of since the last look. */
function warningsOf() {
  const clock = new VirtualTimeScheduler();
  const said: string[] = [];
  const statuses: string[] = [];
  const logger = { warn: (text: string) => void said.push(text.replace('/event/Order__e: ', '')) };
  const tell = ((type: string) => void statuses.push(type)) as Tell;
  const warnings = new StreamWarnings('/event/Order__e', logger, tell, clock);
  const at = (ms: number, happens: () => void): readonly string[] => {
    clock.frame = ms;
    said.length = 0;
    happens();
    return [...said];
  };
  return { warnings, statuses, at };
}

const reasonsIn = (warnings: readonly string[]) => warnings.map((text) => text.replace(/^attempt .* s\. /, ''));

describe('The warnings of a subscription', () => {
  describe('of failures in a row', () => {
    it('come at the first one, and once a minute while they go on', () => {
      const { warnings, at } = warningsOf();
      const fails = (ms: number, attempt: number) =>
        at(ms, () => warnings.waiting('stream', attempt, 1_500, AWAY)).length;
      expect([fails(0, 1), fails(1_000, 2), fails(59_999, 3), fails(60_000, 4), fails(70_000, 5)]).to.deep.equal([
        ...[1, 0, 0, 1, 0],
      ]);
    });

    it('say how often it failed, when the next attempt is, and why', () => {
      const { warnings, at } = warningsOf();
      expect(at(0, () => warnings.waiting('stream', 1, 1_500, AWAY))).to.deep.equal([
        'attempt 1 failed, the next is in 1.5 s. The service is away.',
      ]);
      expect(at(60_000, () => warnings.waiting('stream', 2, 500, undefined))).to.deep.equal([
        'attempt 2 failed, the next is in 0.5 s. The server ended the stream.',
      ]);
    });

    it('come at the second refusal of a session, as the first one is passed by a login', () => {
      const { warnings, at } = warningsOf();
      expect(at(0, () => warnings.waiting('stream', 1, 0, REFUSED))).to.deep.equal([]);
      expect(at(1, () => warnings.waiting('stream', 2, 0, REFUSED))).to.have.length(1);
    });

    it('come at the fourth one, after the stream was live: streams break and come back', () => {
      const { warnings, at } = warningsOf();
      warnings.live();
      const said = [1, 2, 3, 4, 5].map((attempt) => at(attempt, () => warnings.waiting('stream', attempt, 0, AWAY)));
      expect(said.map(({ length }) => length)).to.deep.equal([0, 0, 0, 1, 0]);
    });

    it('come at the first one of a stream that was silent, unless no stream was wanted since', () => {
      for (const parks of [false, true]) {
        const { warnings, at } = warningsOf();
        warnings.live();
        warnings.mute();
        if (parks) warnings.parked();
        expect(at(1, () => warnings.waiting('stream', 1, 0, AWAY))).to.have.length(parks ? 0 : 1);
      }
    });

    it('are in the status each time, also where nothing is warned of', () => {
      const { warnings, statuses } = warningsOf();
      for (const attempt of [1, 2, 3]) warnings.waiting('stream', attempt, 0, AWAY);
      expect(statuses).to.deep.equal(['waiting', 'waiting', 'waiting']);
    });
  });

  describe('of calls of several kinds that fail beside each other', () => {
    it('hide none of them, where one begins while another one goes on', () => {
      const { warnings, at } = warningsOf();
      const said = at(0, () => {
        warnings.waiting('stream', 1, 0, REFUSED);
        warnings.waiting('schema', 1, 0, REFUSED);
        warnings.waiting('position', 1, 0, NO_POSITION);
        warnings.commitFailed(1, 0, NOT_SAVED);
        warnings.waiting('schema', 2, 0, NO_SCHEMA);
        warnings.waiting('stream', 2, 0, AWAY);
      });
      expect(reasonsIn(said)).to.deep.equal(['No position.', 'Not saved.', 'No schema.', 'The service is away.']);
    });

    it('remind of each of them once a minute, from its own beginning', () => {
      const { warnings, at } = warningsOf();
      at(0, () => warnings.waiting('stream', 1, 0, AWAY));
      at(30_000, () => warnings.waiting('schema', 1, 0, NO_SCHEMA));
      const both = (ms: number, attempt: number) =>
        reasonsIn(
          at(ms, () => {
            warnings.waiting('stream', attempt, 0, AWAY);
            warnings.waiting('schema', attempt, 0, NO_SCHEMA);
          }),
        );
      expect(both(59_999, 2)).to.deep.equal([]);
      expect(both(60_000, 3)).to.deep.equal(['The service is away.']);
      expect(both(90_000, 4)).to.deep.equal(['No schema.']);
    });

    it('do not begin again for one kind, because another one begins a row', () => {
      const { warnings, at } = warningsOf();
      at(0, () => warnings.waiting('stream', 1, 0, AWAY));
      at(1_000, () => warnings.waiting('position', 1, 0, NO_POSITION));
      expect(at(2_000, () => warnings.waiting('stream', 2, 0, AWAY))).to.deep.equal([]);
    });
  });

  describe('of a failure of another kind in the row of a call', () => {
    const reached = new ConnectionError('Not reached.', { neverSent: true });

    it('come at once: a connection that failed hides no refused session', () => {
      const { warnings, at } = warningsOf();
      const said = at(0, () => {
        warnings.waiting('stream', 1, 0, reached);
        warnings.waiting('stream', 2, 0, REFUSED);
        warnings.waiting('stream', 3, 0, reached);
        warnings.waiting('stream', 4, 0, AWAY);
      });
      expect(reasonsIn(said)).to.deep.equal(['Not reached.', 'The session was refused.', 'The service is away.']);
    });

    it('do not come for a message that only has other ids in it', () => {
      const { warnings, at } = warningsOf();
      const busy = (rpcId: string) => new ServiceError(`Busy, says ${rpcId}.`, { grpcStatus: 13, rpcId });
      const fails = (attempt: number, rpcId: string) =>
        at(0, () => warnings.waiting('stream', attempt, 0, busy(rpcId)));
      expect([fails(1, 'a'), fails(2, 'b')].map(({ length }) => length)).to.deep.equal([1, 0]);
    });

    it('come before the fourth one, where the row was warned of before', () => {
      const { warnings, at } = warningsOf();
      warnings.live();
      expect(at(0, () => warnings.waiting('stream', 1, 0, AWAY))).to.deep.equal([]);
      expect(at(5_000, () => warnings.away())).to.have.length(1);
      expect(reasonsIn(at(25_000, () => warnings.waiting('stream', 2, 0, reached)))).to.deep.equal(['Not reached.']);
      expect(at(50_000, () => warnings.waiting('stream', 3, 0, reached))).to.deep.equal([]);
    });
  });

  it('name an event that holds the position up after a minute, and again when its age has doubled', () => {
    const { warnings, at } = warningsOf();
    const [one, other] = [ReplayId.fromBytes(Buffer.from('a')), ReplayId.fromBytes(Buffer.from('b'))];
    const gap = (replayId: ReplayId, ageMs: number) =>
      at(ageMs, () => warnings.gap({ replayId, ageMs, eventsBehind: 3 }, false)).length;
    const ages = [59_999, 60_000, 119_999, 120_000, 239_999, 240_000];
    expect(ages.map((ageMs) => gap(one, ageMs))).to.deep.equal([0, 1, 0, 1, 0, 1]);
    expect(gap(other, 60_000)).to.equal(1);
  });
});
