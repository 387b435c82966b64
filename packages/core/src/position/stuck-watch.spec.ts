import { expect } from 'chai';
import { asyncScheduler } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { useFakeTimers } from 'sinon';
import { Watermark, type OpenPosition } from '../delivery/watermark.js';
import { StuckDeliveryError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import { runMarbles } from '../testing/run-marbles.js';
import { StuckWatch, type CommitGap, type StuckOptions } from './stuck-watch.js';

const idOf = (name: string) => ReplayId.fromBytes(Buffer.from(name));

/** A watch, what it watches, and what it tells. */
class Post {
  readonly watermark = new Watermark(undefined);
  readonly gaps: [number, string, CommitGap][] = [];
  readonly errors: [number, StuckDeliveryError][] = [];
  onGap: () => void = () => undefined;
  readonly watch: StuckWatch;
  private readonly open = new Map<string, OpenPosition>();

  constructor(
    readonly scheduler: TestScheduler,
    options: StuckOptions,
  ) {
    this.watch = new StuckWatch(scheduler, options, this.watermark, {
      gap: (gap) => {
        this.gaps.push([scheduler.now(), Buffer.from(gap.replayId.toBytes()).toString(), gap]);
        this.onGap();
      },
      stuck: (error) => this.errors.push([scheduler.now(), error]),
    });
  }

  receive(...names: string[]): void {
    for (const name of names) this.open.set(name, this.watermark.open(idOf(name)));
    this.watch.received();
  }

  /** All who hold it only keep it. */
  keep(name: string): void {
    this.open.get(name)!.isKept = true;
  }

  settle(...names: string[]): void {
    for (const name of names) this.watermark.settle(this.open.get(name)!);
  }

  /** What is scheduled, whatever it does. */
  get timers(): number {
    return this.scheduler.actions.filter(({ closed }) => !closed).length;
  }
}

/** Runs a test in virtual time, to its end at `untilMs`. */
function watching(
  options: Partial<StuckOptions>,
  test: (post: Post, at: (frame: number, action: () => void) => void) => void,
  untilMs = 1_000_000,
): void {
  runMarbles(({ scheduler, flush }) => {
    scheduler.maxFrames = untilMs;
    const post = new Post(scheduler, { stuckAfterMs: 300_000, stuckAfterEvents: 1_000, ...options });
    test(post, (frame, action) => void scheduler.schedule(action, frame));
    flush();
  });
}

describe('StuckWatch', () => {
  it('says nothing, and gives nothing up, while the oldest event is only kept until others come', () => {
    watching({}, (post, at) => {
      at(1, () => {
        post.receive('a');
        post.keep('a');
      });
      at(900_000, () => {
        expect(post.gaps).to.deep.equal([]);
        expect(post.errors).to.deep.equal([]);
      });
    });
  });

  it('tells nothing and sets no timer, when nothing is open', () => {
    watching({}, (post, at) => {
      at(1, () => {
        post.watch.received();
        expect(post.timers).to.equal(0);
      });
    });
  });

  it('tells the event that the watermark stands before, each minute', () => {
    watching({}, (post, at) => {
      at(1_000, () => post.receive('a', 'b', 'c'));
      at(1_001, () => post.settle('a'));
      at(90_000, () => post.receive('d'));
      at(200_000, () => {
        // The first look, at 61 s, saw that it had moved.
        expect(
          post.gaps.map(([time, name, { ageMs, eventsBehind }]) => [time, name, ageMs, eventsBehind]),
        ).to.deep.equal([
          [121_000, 'b', 60_000, 2],
          [181_000, 'b', 120_000, 2],
        ]);
      });
    });
  });

  it('tells an event that came after all was settled once its own minute is over', () => {
    watching({}, (post, at) => {
      at(0, () => post.receive('a'));
      at(10_000, () => post.settle('a'));
      at(30_000, () => post.receive('b', 'c'));
      at(31_000, () => post.settle('c'));
      at(40_000, () => post.receive('d'));
      at(160_000, () => {
        expect(post.gaps.map(([time, name, { ageMs }]) => [time, name, ageMs])).to.deep.equal([
          [90_000, 'b', 60_000],
          [150_000, 'b', 120_000],
        ]);
        expect(post.errors).to.deep.equal([]);
      });
      at(330_001, () => expect(post.errors.map(([time]) => time)).to.deep.equal([330_000]));
    });
  });

  it('tells sooner, when an event may be stuck for less than two minutes', () => {
    watching({ stuckAfterMs: 99 }, (post, at) => {
      at(0, () => post.receive('a'));
      at(99, () => {
        expect(post.gaps.map(([time, , { ageMs }]) => [time, ageMs])).to.deep.equal([[50, 50]]);
        expect(post.errors).to.deep.equal([]);
      });
      at(101, () => expect(post.errors.map(([time]) => time)).to.deep.equal([100]));
    });
  });

  it('errors, when the watermark has stood for too long: once, and watches no more', () => {
    watching({ stuckAfterMs: 120_000 }, (post, at) => {
      at(0, () => post.receive('a', 'b'));
      at(119_999, () => expect(post.errors).to.deep.equal([]));
      at(120_001, () => {
        expect(post.errors).to.have.length(1);
        const [[, error]] = post.errors as [[number, StuckDeliveryError]];
        expect(error).to.be.instanceOf(StuckDeliveryError).and.include({ replayId: 'YQ==', code: 'stuck-delivery' });
        expect(error.message).to.include('has not been settled for 120 s, and 1 events came after it');
        expect(post.timers).to.equal(1);
      });
      at(900_000, () => expect(post.errors).to.have.length(1));
    });
  });

  it('is content as long as the watermark moves, however old the events are', () => {
    watching({ stuckAfterMs: 120_000 }, (post, at) => {
      const names = Array.from({ length: 20 }, (_, index) => `e${index}`);
      at(0, () => post.receive(...names));
      names.forEach((name, index) => at(50_000 * (index + 1), () => post.settle(name)));
      at(999_999, () => {
        expect(post.errors).to.deep.equal([]);
        expect(post.gaps).to.deep.equal([]);
      });
    });
  });

  it('does not take what is settled behind it for movement', () => {
    watching({ stuckAfterMs: 120_000 }, (post, at) => {
      at(0, () => post.receive('a', 'b', 'c', 'd'));
      at(40_000, () => post.settle('b'));
      at(70_000, () => post.settle('c'));
      at(110_000, () => post.settle('d'));
      at(120_001, () => expect(post.errors).to.have.length(1));
    });
  });

  it('counts anew, when everything was settled in between', () => {
    watching({ stuckAfterMs: 120_000 }, (post, at) => {
      at(0, () => post.receive('a'));
      at(100_000, () => post.settle('a'));
      at(200_000, () => {
        // The test's own: the watch has none.
        expect(post.timers).to.equal(2);
        post.receive('b');
      });
      at(319_999, () => expect(post.errors).to.deep.equal([]));
      at(320_001, () => expect(post.errors.map(([time]) => time)).to.deep.equal([320_000]));
    });
  });

  it('errors, when too many events came after one', () => {
    watching({ stuckAfterEvents: 3 }, (post, at) => {
      at(10_000, () => post.receive('a', 'b', 'c', 'd'));
      at(15_000, () => expect(post.errors).to.deep.equal([]));
      at(20_000, () => {
        post.receive('e');
        expect(post.errors).to.have.length(1);
        expect(post.errors[0]?.[1].message).to.include('has not been settled for 10 s, and 4 events came after it');
      });
    });
  });

  it('errors and knows how long the event has been there, when too many come at once', () => {
    watching({ stuckAfterEvents: 1 }, (post, at) => {
      at(10_000, () => {
        post.receive('a', 'b', 'c');
        expect(post.errors[0]?.[1].message).to.include('for 0 s, and 2 events came after it');
        expect(post.timers).to.equal(0);
      });
    });
  });

  it('counts events after the oldest one that is open, not all there ever were', () => {
    watching({ stuckAfterEvents: 3 }, (post, at) => {
      at(1, () => {
        for (let index = 0; index < 100; index++) {
          post.receive(`e${index}`);
          post.settle(`e${index}`);
        }
        post.receive('a', 'b', 'c', 'd');
        expect(post.errors).to.deep.equal([]);
      });
    });
  });

  it('tells the event once half of what may come after it has come, once, before it errors', () => {
    watching({ stuckAfterEvents: 4 }, (post, at) => {
      at(0, () => post.receive('a', 'b', 'c'));
      at(1, () => expect(post.gaps).to.deep.equal([]));
      at(2, () => post.receive('d'));
      at(3, () => post.receive('e'));
      at(4, () => {
        expect(post.gaps.map(([time, name]) => [time, name])).to.deep.equal([[2, 'a']]);
        expect(post.errors).to.deep.equal([]);
        post.receive('f');
        expect(post.errors).to.have.length(1);
      });
    });
  });

  it('tells another event anew, when many have come after that one', () => {
    watching({ stuckAfterEvents: 4 }, (post, at) => {
      at(0, () => post.receive('a', 'b', 'c', 'd'));
      at(1, () => {
        post.settle('a', 'b');
        post.receive('e', 'f');
      });
      at(2, () => expect(post.gaps.map(([, name]) => name)).to.deep.equal(['a', 'c']));
    });
  });

  it('tells first and then errors, when too many come at once', () => {
    watching({ stuckAfterEvents: 1 }, (post, at) => {
      at(0, () => post.receive('a', 'b', 'c'));
      at(1, () => expect([post.gaps.length, post.errors.length]).to.deep.equal([1, 1]));
    });
  });

  it('names an event without any position by an empty one', () => {
    watching({ stuckAfterMs: 10 }, (post, at) => {
      at(0, () => {
        post.watermark.open(undefined);
        post.watch.received();
      });
      at(20, () => expect(post.errors[0]?.[1].replayId).to.equal(''));
    });
  });

  it('tells nothing more, when stopped; also inside what it tells', () => {
    watching({ stuckAfterMs: 120_000 }, (post, at) => {
      at(0, () => post.receive('a'));
      at(10, () => {
        post.watch.stop();
        expect(post.timers).to.equal(1);
      });
      at(500_000, () => expect([post.gaps, post.errors]).to.deep.equal([[], []]));
    });
    watching({ stuckAfterMs: 120_000 }, (post, at) => {
      post.onGap = () => post.watch.stop();
      at(0, () => post.receive('a'));
      at(60_001, () => {
        expect(post.gaps).to.have.length(1);
        expect(post.timers).to.equal(1);
      });
      at(500_000, () => expect(post.errors).to.deep.equal([]));
    });
  });

  it('counts no jump of the wall clock, while one event is worked on', () => {
    const clock = useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] });
    try {
      const watermark = new Watermark(undefined);
      const ages: number[] = [];
      const errors: StuckDeliveryError[] = [];
      const options = { stuckAfterMs: 300_000, stuckAfterEvents: 1_000 };
      const watch = new StuckWatch(asyncScheduler, options, watermark, {
        gap: ({ ageMs }) => ages.push(ageMs),
        stuck: (error) => errors.push(error),
      });
      watermark.open(idOf('a'));
      watch.received();
      for (const jumpMs of [86_400_000, -2 * 86_400_000]) {
        clock.setSystemTime(Date.now() + jumpMs);
        clock.tick(60_000);
      }
      expect([ages, errors]).to.deep.equal([[60_000, 120_000], []]);
      clock.tick(180_000);
      expect(errors).to.have.length(1);
    } finally {
      clock.restore();
    }
  });
});
