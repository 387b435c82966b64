import { expect } from 'chai';
import { NEVER, Subject, timer } from 'rxjs';
import { AuthenticationError } from '../model/errors.js';
import { runMarbles } from '../testing/run-marbles.js';
import { atBench, Bench, broken, fatal, invalid, response, TOPIC } from '../../test/support/life-bench.js';

const REFUSED = new AuthenticationError('refused', { grpcStatus: 16 });

describe('StreamLife', () => {
  it('tells each 30 seconds that a stream is not open yet, until the transport asks for demand', () => {
    atBench(
      (bench, at) => {
        bench.opened = timer(70_000, bench.scheduler);
        bench.life.request();
        at(69_000, () => expect(bench.told).to.deep.equal(['connecting 0', 'opening 1', 'opening 2']));
        at(200_000, () => expect(bench.told).to.deep.equal(['connecting 0', 'opening 1', 'opening 2', 'requested 10']));
      },
      { silenceTimeoutMs: 300_000 },
      250_000,
    );
  });

  for (const [connects, seconds] of [
    [true, 100],
    [false, 30],
  ] as const) {
    it(`${connects ? 'bears' : 'does not bear'} refusals for long, when its first stream was open for 10 s ${connects ? 'with' : 'without'} a connection`, () => {
      atBench(
        (bench, at) => {
          bench.connects = connects;
          bench.on.streamEnded = () => (bench.room = 10);
          bench.onOpen = ({ server }) => {
            const isFirst = bench.streams.length === 1;
            bench.scheduler.schedule(() => server.error(REFUSED), isFirst ? 12_000 : 0);
          };
          bench.life.request();
          at(seconds * 1_000, () => expect(bench.told.includes('failed authentication')).to.equal(!connects));
        },
        { silenceTimeoutMs: 300_000 },
        110_000,
      );
    });
  }

  it('tells nothing of that any more, when it is stopped', () => {
    atBench(
      (bench, at) => {
        bench.opened = NEVER;
        bench.life.request();
        at(1, () => bench.life.stop());
        at(50_000, () => expect([bench.told, bench.timers]).to.deep.equal([['connecting 0'], 0]));
      },
      {},
      60_000,
    );
  });

  describe('request', () => {
    it('opens a stream where the subscription is, and asks for what there is room for', () => {
      atBench(({ life, streams, told }) => {
        life.request();
        expect(streams.map(({ start, requests }) => [start, requests])).to.deep.equal([
          [{ topic: TOPIC, from: 'earliest' }, [10]],
        ]);
        expect(told).to.deep.equal(['connecting 0', 'requested 10']);
      });
    });

    it('opens none, when there is no room', () => {
      atBench((bench) => {
        bench.room = 0;
        bench.life.request();
        expect([bench.streams, bench.told]).to.deep.equal([[], []]);
      });
    });

    it('asks the stream there is for more', () => {
      atBench((bench) => {
        bench.life.request();
        bench.room = 3;
        bench.life.request();
        bench.life.request();
        expect(bench.stream.requests).to.deep.equal([10, 3]);
        expect(bench.streams).to.have.length(1);
      });
    });

    it('asks once, when it is called again inside the request', () => {
      atBench((bench) => {
        let more = 2;
        bench.onRequest = () => {
          if (more-- > 0) bench.room = 1;
          bench.life.request();
        };
        bench.life.request();
        expect(bench.stream.requests).to.deep.equal([10]);
        bench.life.request();
        expect(bench.stream.requests).to.deep.equal([10, 1]);
      });
    });

    it('asks for what there is room for once the stream is open, when that takes a while', () => {
      atBench((bench) => {
        const opened = new Subject<void>();
        bench.opened = opened;
        bench.life.request();
        bench.room = 4;
        bench.life.request();
        expect(bench.streams).to.have.length(1);
        opened.next();
        expect(bench.stream.requests).to.deep.equal([4]);
      });
    });

    it('waits for the end of a pause', () => {
      atBench((bench, at) => {
        bench.life.request();
        bench.room = 1;
        bench.stream.server.error(broken);
        bench.life.request();
        at(499, () => expect(bench.streams).to.have.length(1));
        at(501, () => expect(bench.streams).to.have.length(2));
      });
    });

    it('does nothing, when it is over', () => {
      atBench((bench) => {
        bench.life.stop();
        bench.life.request();
        expect(bench.streams).to.have.length(0);
      });
    });
  });

  describe('stop', () => {
    it('cancels the stream, and its timers', () => {
      atBench((bench) => {
        bench.life.request();
        expect(bench.timers).to.equal(1);
        bench.life.stop();
        expect(bench.stream.cancelled).to.equal(true);
        expect(bench.timers).to.equal(0);
        expect(bench.told).to.deep.equal(['connecting 0', 'requested 10']);
      });
    });

    it('ends a pause, and a drain', () => {
      atBench((bench) => {
        bench.life.request();
        bench.room = 1;
        bench.stream.server.error(broken);
        bench.life.stop();
        expect(bench.timers).to.equal(0);
      });
      atBench((bench) => {
        bench.life.request();
        bench.life.drain();
        bench.life.stop();
        expect(bench.stream.cancelled).to.equal(true);
        expect(bench.timers).to.equal(0);
      });
    });

    it('is the last thing that happens: no stream, no timer, no word after it, inside whatever the listener is told', () => {
      const names = [
        'connecting',
        'requested',
        'received',
        'streamEnded',
        'waiting',
        'parked',
        'reset',
        'failed',
      ] as const;
      for (const name of names) {
        atBench(
          (bench, at) => {
            bench.on[name] = () => {
              bench.life.stop();
              bench.told.push('stopped');
            };
            bench.life.request();
            at(1, () => {
              if (bench.told.includes('stopped')) return;
              bench.stream.server.next(response(1));
              if (name === 'waiting' || name === 'reset') bench.room = 1;
              bench.stream.server.error(name === 'reset' ? invalid : name === 'failed' ? fatal : broken);
            });
            at(10_000, () => {
              expect(bench.told.at(-1), name).to.equal('stopped');
              expect(bench.streams.length, name).to.equal(name === 'connecting' ? 0 : 1);
              expect(bench.streams.every(({ cancelled }) => cancelled)).to.equal(true);
              expect(bench.timers, name).to.equal(0);
            });
          },
          { onInvalid: 'earliest' },
        );
      }
    });
  });

  it('fails with an error of ours, when the transport errors with something else', () => {
    runMarbles(({ scheduler }) => {
      const bench = new Bench(scheduler);
      bench.onOpen = ({ server }) => server.error('odd');
      bench.life.request();
      expect(bench.told.at(-1)).to.equal('failed service');
    });
  });
});
