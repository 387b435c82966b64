import { expect } from 'chai';
import { NEVER, Subject } from 'rxjs';
import { atBench, broken, response } from '../../test/support/life-bench.js';

describe('StreamLife', () => {
  describe('silence', () => {
    it('ends a stream that says nothing right after it was opened', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(999, () => expect(bench.stream.silences).to.equal(0));
        at(1_001, () => {
          expect(bench.streams[0]).to.include({ silences: 1, cancelled: true });
          expect(bench.told.slice(2)).to.deep.equal(['streamEnded', 'parked']);
        });
      });
    });

    it('ends a stream that stops to say anything, as long after its last word as it may be silent', () => {
      atBench((bench, at) => {
        bench.life.request();
        for (const frame of [300, 900, 1_700]) at(frame, () => bench.stream.server.next(response(5)));
        at(2_699, () => expect(bench.stream.silences).to.equal(0));
        at(2_701, () => expect(bench.streams[0]?.silences).to.equal(1));
      });
    });

    it('is allowed, while nothing is outstanding', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(10, () => bench.stream.server.next(response(0)));
        at(15_000, () => {
          expect(bench.stream).to.include({ silences: 0, cancelled: false });
          bench.room = 1;
          bench.life.request();
        });
        at(15_999, () => expect(bench.stream.silences).to.equal(0));
        at(16_001, () => expect(bench.streams[0]?.silences).to.equal(1));
      });
    });

    it('counts from when events were first asked for, not from a request for more', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(10, () => bench.stream.server.next(response(0)));
        at(500, () => {
          bench.room = 1;
          bench.life.request();
        });
        at(1_400, () => {
          bench.room = 1;
          bench.life.request();
        });
        at(1_499, () => expect(bench.stream.silences).to.equal(0));
        at(1_501, () => expect(bench.streams[0]?.silences).to.equal(1));
      });
    });

    it('is not counted, while the stream is still being opened', () => {
      atBench((bench, at) => {
        bench.opened = NEVER;
        bench.life.request();
        at(10_000, () => expect(bench.stream.silences).to.equal(0));
      });
    });

    it('is counted anew for each stream', () => {
      atBench((bench, at) => {
        bench.life.request();
        at(900, () => {
          bench.room = 10;
          bench.stream.server.error(broken);
        });
        // Opened at 1,400.
        at(2_399, () => expect(bench.stream).to.include({ silences: 0, cancelled: false }));
        at(2_401, () => expect(bench.streams[1]?.silences).to.equal(1));
      });
    });
  });

  describe('drain', () => {
    it('ends our half, takes nothing more, asks for nothing more, and is over with the stream', () => {
      atBench((bench) => {
        bench.life.request();
        bench.stream.server.next(response(3));
        bench.life.drain();
        expect(bench.stream).to.include({ halfClosed: true, cancelled: false });
        bench.room = 1;
        bench.life.request();
        bench.stream.server.next(response(2));
        expect(bench.told.slice(3)).to.deep.equal([]);
        expect(bench.stream.requests).to.deep.equal([10]);
        bench.stream.server.complete();
        bench.life.request();
        expect(bench.told.slice(3)).to.deep.equal(['streamEnded']);
        expect([bench.streams.length, bench.timers]).to.deep.equal([1, 0]);
      });
    });

    it('ends our half of a stream that is still being opened, once it is', () => {
      atBench((bench) => {
        const opened = new Subject<void>();
        bench.opened = opened;
        bench.life.request();
        bench.life.drain();
        opened.next();
        expect(bench.stream).to.deep.include({ requests: [], halfClosed: true });
        expect(bench.outstanding).to.equal(0);
      });
    });

    it('ends a pause', () => {
      atBench((bench, at) => {
        bench.life.request();
        bench.room = 1;
        bench.stream.server.error(broken);
        bench.life.drain();
        expect(bench.timers).to.equal(0);
        at(10_000, () => expect(bench.streams).to.have.length(1));
      });
    });

    it('may come inside whatever the listener is told', () => {
      for (const name of ['connecting', 'requested', 'received', 'waiting', 'parked', 'streamEnded'] as const) {
        atBench((bench, at) => {
          bench.on[name] = () => bench.life.drain();
          bench.life.request();
          at(1, () => {
            bench.stream.server.next(response(1));
            if (name === 'waiting') bench.room = 1;
            if (!bench.stream.cancelled && !bench.stream.halfClosed) bench.stream.server.error(broken);
          });
          at(10_000, () => {
            bench.life.stop();
            expect(bench.streams).to.have.length(1);
            expect(bench.stream.cancelled).to.equal(true);
            expect(bench.timers).to.equal(0);
          });
        });
      }
    });
  });
});
