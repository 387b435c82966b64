import { expect } from 'chai';
import { runMarbles } from '../testing/run-marbles.js';
import { atBench, Bench, broken, fatal, invalid, response } from '../../test/support/life-bench.js';

describe('StreamLife', () => {
  describe('a stream', () => {
    it('is told as first once, with its first response', () => {
      atBench(({ life, told, ...bench }) => {
        life.request();
        const [stream] = bench.streams;
        stream!.server.next(response());
        stream!.server.next(response());
        expect(told).to.deep.equal(['connecting 0', 'requested 10', 'received first', 'received']);
      });
    });

    it('is told as first once, when responses come inside the request, and asked for more by them', () => {
      atBench((bench) => {
        bench.onRequest = ({ server, requests }) => {
          if (requests.length > 1) return;
          server.next(response(5));
          server.next(response(2));
        };
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'requested 10', 'received first', 'received']);
        bench.room = 1;
        bench.stream.server.error(broken);
        expect(bench.told.at(-1)).to.equal('waiting 1 500 broken');
      });
    });

    it('is followed by another after a pause, from where the subscription is then', () => {
      atBench((bench, at) => {
        bench.life.request();
        bench.stream.server.next(response());
        bench.room = 2;
        bench.stream.server.complete();
        expect(bench.told.slice(3)).to.deep.equal(['streamEnded', 'waiting 1 500 undefined']);
        expect(bench.outstanding).to.equal(0);
        bench.from = 'latest';
        at(501, () => {
          expect(bench.stream.start.from).to.equal('latest');
          expect(bench.stream.requests).to.deep.equal([2]);
          expect(bench.told.slice(5)).to.deep.equal(['connecting 1', 'requested 2']);
        });
      });
    });

    it('counts as failed, when it errors as soon as it is opened', () => {
      atBench((bench, at) => {
        let failures = 2;
        bench.onOpen = ({ server }) => {
          if (failures-- > 0) server.error(broken);
        };
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'streamEnded', 'waiting 1 500 broken']);
        at(5_000, () => {
          expect(bench.streams).to.have.length(3);
          expect(bench.stream.requests).to.deep.equal([10]);
          expect(bench.told.slice(3, 6)).to.deep.equal(['connecting 1', 'streamEnded', 'waiting 2 1000 broken']);
        });
      });
    });

    it('is unsubscribed from, when it errored inside the request', () => {
      atBench((bench) => {
        bench.onRequest = ({ server }) => server.error(fatal);
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'requested 10', 'streamEnded', 'failed topic-unavailable']);
        expect(bench.stream.cancelled).to.equal(true);
        expect(bench.timers).to.equal(0);
      });
    });

    it('that throws when subscribed to is one that failed', () => {
      runMarbles(({ scheduler, flush }) => {
        const bench = new Bench(scheduler);
        bench.onOpen = () => {
          throw new Error('odd');
        };
        bench.life.request();
        expect(bench.told).to.deep.equal(['connecting 0', 'streamEnded', 'failed service']);
        flush();
      });
    });

    it('parks, when it ends without room, and is opened again with room', () => {
      atBench((bench) => {
        bench.life.request();
        bench.stream.server.next(response());
        bench.stream.server.complete();
        expect(bench.told.slice(3)).to.deep.equal(['streamEnded', 'parked']);
        expect(bench.timers).to.equal(0);
        bench.room = 1;
        bench.life.request();
        expect(bench.told.slice(5)).to.deep.equal(['connecting 0', 'requested 1']);
      });
    });

    it('is opened again, when there is room again by the time it parks', () => {
      for (const name of ['streamEnded', 'parked'] as const) {
        atBench((bench) => {
          bench.life.request();
          bench.stream.server.next(response());
          bench.on[name] = () => {
            bench.room = 1;
          };
          bench.stream.server.complete();
          if (name === 'parked') expect(bench.told).to.include('parked');
          expect(bench.streams.length + bench.timers).to.be.above(1);
        });
      }
    });

    it('is opened again, when it ended inside its request and there is room only later in it', () => {
      atBench((bench) => {
        bench.onRequest = ({ server, requests }) => {
          if (bench.streams.length > 1 || requests.length > 1) return;
          server.next(response());
          server.complete();
          // Too late for the question whether there is room, and too early for a parked session.
          bench.room = 1;
          bench.life.request();
        };
        bench.life.request();
        expect(bench.streams).to.have.length(2);
        expect(bench.stream.requests).to.deep.equal([1]);
      });
    });

    it('says nothing any more, when another has taken its place', () => {
      atBench((bench, at) => {
        bench.life.request();
        const [first] = bench.streams;
        bench.room = 1;
        first!.server.error(broken);
        at(501, () => {
          first!.server.next(response());
          first!.server.error(fatal);
          expect(bench.told.filter((text) => /received|failed/.test(text))).to.deep.equal([]);
          expect(bench.stream.cancelled).to.equal(false);
        });
      });
    });

    it('is opened from the preset, after the position was given up', () => {
      atBench(
        (bench) => {
          bench.on.reset = () => {
            bench.from = 'latest';
          };
          bench.on.streamEnded = () => {
            bench.room = 10;
          };
          bench.life.request();
          bench.stream.server.error(invalid);
          expect(bench.told.slice(2)).to.deep.equal(['streamEnded', 'reset latest', 'connecting 1', 'requested 10']);
          expect(bench.stream.start.from).to.equal('latest');
        },
        { onInvalid: 'latest' },
      );
    });
  });
});
