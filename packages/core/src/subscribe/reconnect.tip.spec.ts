import { expect } from 'chai';
import { retry } from 'rxjs';
import { nameOf } from '../../test/support/fake-store.js';
import { wireEvent } from '../../test/support/fake-service.js';
import { inVirtualTime } from '../../test/support/in-virtual-time.js';
import { broken, refused, starts, subscribeHolding, typesOf } from '../../test/support/breaking-streams.js';
import { ReplayIdInvalidError } from '../model/errors.js';

describe('eventStream, when its streams break', () => {
  describe('goes on', () => {
    it("from 'latest' and says so each time, when no position is known", () => {
      inVirtualTime({}, (stream) => {
        stream.subscribe();
        for (const frame of [1, 1_000, 3_000]) stream.at(frame, () => stream.service.stream.fail(broken));
        stream.at(8_000, () => {
          expect(starts(stream.service)).to.deep.equal(['latest', 'latest', 'latest', 'latest']);
          const resets = stream.statuses.filter(({ type }) => type === 'replayReset');
          expect(resets).to.have.length(3);
          expect(resets[0]).to.deep.include({ from: undefined, policy: 'latest' });
        });
      });
    });

    it("from 'latest' and says so once for each outage, when there is a connection again", () => {
      inVirtualTime({}, (stream) => {
        const { service, at } = stream;
        const resets = () => typesOf(stream).filter((type) => type === 'replayReset').length;
        const fail = (connects: boolean) => {
          service.connects = connects;
          service.stream.fail(broken);
        };
        const away = (fromMs: number) => [0, 2_000, 5_000].forEach((ms) => at(fromMs + ms, () => fail(false)));
        service.connects = false;
        stream.subscribe();
        away(1);
        // No stream has stood at a tip yet.
        at(10_000, () => fail(true));
        at(20_000, () => expect([starts(service).length, resets()]).to.deep.equal([5, 0]));
        for (const [fromMs, before] of [
          [20_001, 0],
          [60_000, 1],
        ] as const) {
          away(fromMs);
          at(fromMs + 19_000, () => {
            expect(resets()).to.equal(before);
            fail(true);
          });
          at(fromMs + 39_990, () => {
            expect(typesOf(stream).slice(-4)).to.deep.equal(['connecting', 'connected', 'replayReset', 'requested']);
            expect(resets()).to.equal(before + 1);
          });
        }
      });
    });

    it("from 'latest' and says so once more, when the stream after a reset never had a connection", () => {
      inVirtualTime({ replay: { from: 'earliest', onInvalid: 'latest' } }, (stream) => {
        const { service, at } = stream;
        const resets = () =>
          stream.statuses.flatMap((each) => (each.type === 'replayReset' ? [nameOf(each.from)] : []));
        stream.subscribe();
        at(1, () => service.stream.send('a'));
        at(2, () => {
          service.connects = false;
          service.stream.fail(new ReplayIdInvalidError('unknown'));
        });
        at(3, () => {
          expect(resets()).to.deep.equal(['a']);
          service.connects = true;
          service.stream.fail(broken);
        });
        at(2_000, () => {
          expect(starts(service)).to.deep.equal(['earliest', 'latest', 'latest']);
          expect(resets()).to.have.length(2);
        });
      });
    });

    it("from 'latest' with retry(), and says so once, when the attempts were used up without a connection", () => {
      inVirtualTime({ maxAttempts: 2 }, (stream) => {
        const { service, at } = stream;
        const fail = () => {
          service.connects = false;
          service.stream.fail(broken);
        };
        stream.events$.pipe(retry()).subscribe();
        [1, 2_000, 4_000, 6_000, 8_000].forEach((ms) => at(ms, fail));
        at(10_000, () => {
          service.connects = true;
          service.stream.fail(broken);
        });
        at(20_000, () => {
          expect(starts(service)).to.deep.equal(Array(7).fill('latest'));
          const types = typesOf(stream).filter((type) => type === 'replayReset' || type === 'closed');
          expect(types).to.deep.equal(['replayReset', 'closed', 'closed', 'closed']);
        });
      });
    });

    it("from 'latest' and says so, also when the session was refused or the server parked it before any position", () => {
      for (const error of [refused, broken]) {
        inVirtualTime({ window: 1 }, (stream) => {
          const { holds } = subscribeHolding(stream);
          stream.at(1, () => stream.service.stream.send({ ...wireEvent('a'), replayId: Buffer.alloc(0) }));
          stream.at(2, () => stream.service.stream.fail(error));
          stream.at(5, () => {
            expect(typesOf(stream)).to.include('parked').and.not.to.include('replayReset');
            holds.get('a')?.release();
            expect(starts(stream.service)).to.deep.equal(['latest', 'latest']);
            expect(typesOf(stream)).to.include('replayReset');
          });
        });
      }
    });
  });
});
