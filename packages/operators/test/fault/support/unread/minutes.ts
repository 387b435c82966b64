import { asyncScheduler, config, defer, isObservable, map, NEVER } from 'rxjs';
import sinon from 'sinon';
import { ReplayId, type ChangeEvent } from '@rxforce/core';
import { FakeStore, nameOf } from '../../../../../core/test/support/fake-store.js';
import { thingStream, type ThingStream } from '../../../../../core/test/support/thing-stream.js';
import { Ledger } from './ledger.js';
import type { Ended } from './lives.js';
import { PIPELINES } from './pipelines/index.js';
import { marksOf, type Mark } from './things.js';
import type { AccountEvent, Work } from './work.js';

const WINDOW = 8;
/** How long a piece of work takes, in milliseconds. */
const WORK_MS = 5;
/** So many events come at once. */
const BURST = 20;
/** For longer than the ten minutes after which a position moves, though nobody was seen to work. */
const MINUTES = 13;

/**
 * A pipeline through more than ten minutes in which some of its work never ends. Its service is a log in memory, and
 * the time of all timers is the test's.
 */
export class Minutes {
  private readonly ledger: Ledger;
  private readonly store = new FakeStore();
  private readonly stream: ThingStream;
  /** How many events there are, and how many of them the current stream has sent. */
  private made = 0;
  private sent = 0;
  private served: object | undefined;
  /** Every third event after this one takes for ever. */
  private stuckAfter = Infinity;

  private constructor(
    private readonly name: string,
    private readonly clock: sinon.SinonFakeTimers,
  ) {
    this.ledger = new Ledger(name, PIPELINES.get(name)!);
    const replay = { store: this.store, name: 'unread', commitIntervalMs: 0, from: 'earliest' } as const;
    this.stream = thingStream(asyncScheduler, { window: WINDOW, replay });
  }

  static async run(name: string): Promise<Ended> {
    const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const;
    const clock = sinon.useFakeTimers({ now: 1_700_000_000_000, toFake: [...toFake] });
    const minutes = new Minutes(name, clock);
    config.onUnhandledError = (error) => minutes.ends.error(error);
    try {
      return await minutes.live();
    } finally {
      config.onUnhandledError = null;
      clock.restore();
    }
  }

  private async live(): Promise<Ended> {
    const { ledger, stream } = this;
    ledger.startLife();
    this.start();
    this.made = BURST;
    await this.pass(1_000, 10);
    this.stuckAfter = this.made;
    for (let minute = 0; minute < MINUTES; minute++) {
      this.made++;
      await this.pass(60_000, 5_000);
    }
    this.made += BURST;
    await this.pass(30_000, 1_000);
    stream.warnings.forEach((message) => ledger.take({ type: 'warning', pipeline: this.name, message }, numberOf));
    const { lost, said, stops } = ledger;
    return { verdict: ledger.verdict(this.made), lost: lost.size, of: this.made, said: [...said], stops };
  }

  private start(): void {
    const made = PIPELINES.get(this.name)!.build(this.work());
    if (isObservable(made)) made.subscribe(this.ends);
    else void made?.then(this.ends.complete, this.ends.error);
  }

  private async pass(forMs: number, stepMs: number): Promise<void> {
    for (let passed = 0; passed < forMs; passed += stepMs) {
      this.serve();
      await this.clock.tickAsync(stepMs);
      // What an error takes back is taken back by now. What is durable in between is the other suite's.
      this.ledger.isDurable(numberOf(nameOf(this.store.position) ?? '') ?? 0, this.made);
    }
  }

  /** Sends what was asked for, from where the current stream began. */
  private serve(): void {
    const current = this.stream.service.streams.at(-1);
    if (current === undefined || current.cancelled) return;
    const { from } = current.start;
    if (current !== this.served) this.sent = from instanceof ReplayId ? numberOf(nameOf(from) ?? '')! : 0;
    this.served = current;
    while (current.pending > 0 && this.sent < this.made) current.send(`e${++this.sent}`);
  }

  private readonly ends: Work['ends'] = {
    error: (error) => {
      const { code, name, message } = error as Error & { readonly code?: string };
      this.ledger.take({ type: 'error', pipeline: this.name, code: code ?? name, message }, numberOf);
    },
    complete: () => this.ledger.take({ type: 'completed', pipeline: this.name }, numberOf),
  };

  private work(): Work {
    const aWhile = () => new Promise<void>((resolve) => setTimeout(resolve, WORK_MS));
    const write = (type: 'begun' | 'done', thing: unknown) => {
      const marks = marksOf(thing);
      if (marks.length > 0) this.ledger.take({ type, pipeline: this.name, marks }, numberOf);
    };
    const isStuck = (mark: Mark) => numberOf(mark)! > this.stuckAfter && numberOf(mark)! % 3 === 0;
    const save = async <T>(thing: T): Promise<T> => {
      write('begun', thing);
      await (marksOf(thing).some(isStuck) ? new Promise(() => undefined) : aWhile());
      write('done', thing);
      return thing;
    };
    const failed = new Set<unknown>();
    return {
      changes$: this.stream.events$.pipe(map(accountOf)),
      contacts$: NEVER,
      ends: this.ends,
      save,
      saveOrFail: async (thing) => {
        const [mark] = marksOf(thing);
        if (numberOf(mark!)! % 10 > 0 || failed.has(mark)) return save(thing);
        failed.add(mark);
        await aWhile();
        throw new Error('503: try again');
      },
      post: (thing) => defer(() => save(thing)),
      saveSync: (thing) => write('done', thing),
      enrich: async (event) => {
        await aWhile();
        return { ...event, rating: 'hot' };
      },
    };
  }
}

/** The number of an event, by its number, its replay id or its record's id. */
function numberOf(mark: Mark): number | undefined {
  return typeof mark === 'number' ? mark : Number(/^[er](\d+)$/.exec(mark)?.[1] ?? Number.NaN) || undefined;
}

/** The same event, with the fields and the record that the pipelines look at. */
function accountOf(event: ChangeEvent): AccountEvent {
  const number = numberOf(event.id)!;
  return Object.defineProperties(event, {
    data: { value: { Name: `n${number}`, AnnualRevenue: number, Industry: `k${number % 3}` } },
    header: { value: { ...event.header, recordIds: [`r${number}`] } },
  }) as unknown as AccountEvent;
}
