import { expect } from 'chai';
import type { Logger } from '@rxforce/core/model';
import { deadLetterOf } from '@rxforce/dead-letters';
import { VirtualTimeScheduler } from 'rxjs';
import { changeEvent } from '@rxforce/core/testing';
import { SinkError, type SinkEvent } from '../sinks/sink.js';
import { FailureLog } from './failure-log.js';
import { OutageLog, REMINDER_MS } from './outage-log.js';
import { WorkInHand } from './work-in-hand.js';

const SECOND = 1_000;
const away = new Error('nobody is there');
const gone = new SinkError('it is away', { outage: true });
const events = Array.from({ length: 1_000 }, (_, index) => changeEvent({ id: `e${index}`, recordIds: [`r${index}`] }));
const letterOf = (event: SinkEvent) => deadLetterOf<SinkEvent>(event, away, { attempts: 4 });

describe('FailureLog', () => {
  let lines: string[];
  let clock: VirtualTimeScheduler;
  let inHand: WorkInHand;
  let log: FailureLog;

  beforeEach(() => {
    lines = [];
    clock = new VirtualTimeScheduler();
    inHand = new WorkInHand(clock);
    const at = (level: string) => (text: string) => void lines.push(`${clock.now() / SECOND} s ${level} ${text}`);
    const logger = { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') };
    log = new FailureLog(optionsFor(logger), logger, clock);
  });

  const optionsFor = (logger: Logger) => {
    return { label: 'Account', maxRetries: 3, outages: new OutageLog('hook', logger, clock), inHand };
  };
  /** Does something at a time. */
  const at = (seconds: number, work: () => void) => clock.schedule(work, seconds * SECOND);
  /** An attempt at events fails, and they wait so long. */
  const retry = (of: readonly SinkEvent[], error: unknown = away, waitMs = 25_000) => {
    inHand.began(of);
    inHand.failed(of);
    log.retried(of, error);
    inHand.waits(waitMs);
  };
  const aside = (event: SinkEvent) => {
    inHand.done([event]);
    return log.putAside(letterOf(event));
  };
  const works = (of: readonly SinkEvent[]) => {
    log.worked(of);
    inHand.done(of);
  };

  it('has a line when writes begin to fail, one for the first letter, reminders with counts, and one at the end', () => {
    for (const [index, event] of events.entries()) {
      at(index / 10, () => retry([event]));
      at(index / 10 + 20, () => aside(event));
    }
    at(130, () => works([changeEvent({ id: 'next' })]));
    clock.flush();
    expect(lines).to.deep.equal([
      '0 s warn Account: retry 1 of 3 follows: nobody is there',
      '20 s error Account: put aside after 1 retry: nobody is there',
      '60 s error Account: 600 attempts failed and 400 events were put aside since the last line about it. ' +
        'It fails: nobody is there',
      '120 s error Account: 399 attempts failed and 599 events were put aside since the last line about it. ' +
        'It fails: nobody is there',
      '130 s info Account: is written again',
    ]);
  });

  it('says at once that it works again, and how much had failed, when all that had failed is written', () => {
    const [a, b] = [events.slice(0, 2), events.slice(2, 4)];
    at(0, () => retry(a));
    at(1, () => retry(b));
    at(2, () => works(b));
    at(3, () => works(a));
    clock.flush();
    expect(lines).to.deep.equal([
      '0 s warn Account: retry 1 of 3 follows: nobody is there',
      '3 s info Account: is written again. Meanwhile 1 attempt failed',
    ]);
  });

  it('has no more lines, when writes fail and work in turn', () => {
    const [poison] = events;
    for (let second = 0; second < 100; second++) {
      at(second, () => retry([poison!]));
      at(second + 0.5, () => works([poison!]));
    }
    clock.flush();
    expect(lines).to.deep.equal([
      '0 s warn Account: retry 1 of 3 follows: nobody is there',
      '0.5 s info Account: is written again',
      '60 s warn Account: 60 attempts failed since the last line about it. It fails: nobody is there',
      '60.5 s info Account: is written again',
      '120 s warn Account: 39 attempts failed since the last line about it. ' +
        'It is written again; it failed: nobody is there',
    ]);
  });

  it('reminds of events that wait to be tried again, though none is tried, until they are written', () => {
    at(0, () => retry(events.slice(0, 2), away, 300_000));
    at(130, () => works(events.slice(0, 2)));
    clock.flush();
    expect(lines).to.deep.equal([
      '0 s warn Account: retry 1 of 3 follows: nobody is there',
      '60 s warn Account: 2 events are not written yet: nobody is there',
      '120 s warn Account: 2 events are not written yet: nobody is there',
      '130 s info Account: is written again',
    ]);
  });

  it('leaves the lines about outages to the log of the sink, and says nothing once it has ended', () => {
    const [a, b] = events.slice(0, 2);
    at(0, () => retry([a!], gone));
    at(1, () => retry([b!]));
    at(2, () => works([b!]));
    at(3, () => works([a!]));
    at(20, () => retry([a!]));
    at(21, () => log.unsubscribe());
    at(22, () => works([a!]));
    clock.flush();
    expect(lines).to.deep.equal([
      '0 s warn Account: waits until the sink hook takes events again: it is away',
      '1 s warn Account: retry 1 of 3 follows: nobody is there',
      '3 s info the sink hook takes events again, after 3 s',
      '3 s info Account: is written again',
      '21 s warn Account: 1 attempt failed since the last line about it. It fails: nobody is there',
    ]);
  });

  it('does not wait for the sink with events that fail by themselves', () => {
    const [a, b, c] = events.slice(0, 3);
    at(0, () => retry([a!, b!, c!], gone));
    at(1, () => retry([a!]));
    at(2, () => aside(b!));
    at(3, () => works([c!]));
    clock.flush();
    expect(lines).to.include('3 s info the sink hook takes events again, after 3 s');
  });

  it('says nothing of what is written after its end', () => {
    at(0, () => retry(events.slice(0, 1)));
    at(1, () => log.unsubscribe());
    at(2, () => works(events.slice(0, 1)));
    clock.flush();
    expect(lines).to.deep.equal(['0 s warn Account: retry 1 of 3 follows: nobody is there']);
    expect(clock.now()).to.equal(2 * SECOND);
  });

  it('does not wait for events that are not tried again, as after a lost lease', () => {
    const [lost, other] = events.slice(0, 2);
    at(0, () => retry([lost!]));
    at(50, () => retry([other!]));
    at(70, () => works([other!]));
    clock.flush();
    expect(lines).to.deep.equal([
      '0 s warn Account: retry 1 of 3 follows: nobody is there',
      '60 s warn Account: 1 attempt failed since the last line about it. It fails: nobody is there',
      '70 s info Account: is written again',
    ]);
  });

  it('says why events were put aside, where other attempts failed for another reason', () => {
    at(0, () => aside(events[0]!));
    at(1, () => aside(events[1]!));
    at(2, () => retry(events.slice(2, 3), new Error('it says no')));
    at(3, () => retry(events.slice(3, 4), new Error('it says no')));
    at(60.5, () => works(events.slice(2, 4)));
    clock.flush();
    expect(lines).to.include(
      '60 s error Account: 1 attempt failed and 1 event was put aside (nobody is there) since the last line about it. ' +
        'It fails: it says no',
    );
  });

  it('begins anew, when nothing has failed for a while', () => {
    for (const second of [0, 2 * (REMINDER_MS / SECOND)]) {
      at(second, () => retry(events.slice(0, 1)));
      at(second, () => works(events.slice(0, 1)));
    }
    clock.flush();
    expect(lines).to.deep.equal(
      [0, 120].flatMap((second) => [
        `${second} s warn Account: retry 1 of 3 follows: nobody is there`,
        `${second} s info Account: is written again`,
      ]),
    );
  });

  it('says what it had only counted, and reminds no more, when it ends', () => {
    at(0, () => retry(events.slice(0, 1)));
    at(1, () => retry(events.slice(1, 2)));
    at(2, () => log.unsubscribe());
    clock.flush();
    expect(lines.slice(1)).to.deep.equal([
      '2 s warn Account: 1 attempt failed since the last line about it. It fails: nobody is there',
    ]);
    expect(clock.now()).to.equal(2 * SECOND);
  });

  it('counts as many retries as max_retries has, and none of an outage, and those of what is left of a batch anew', () => {
    const texts: string[] = [];
    const all = (text: string) => void texts.push(text);
    const logger = { warn: all, error: all, debug: all };
    log = new FailureLog(optionsFor(logger), logger, clock);
    const [event, other] = events.slice(0, 2);
    for (const error of [gone, away, gone, away]) retry([event!], error);
    aside(event!);
    retry([event!, other!]);
    retry([other!]);
    aside(other!);
    aside(event!);
    aside(event!);
    const waits = 'waits until the sink hook takes events again: it is away';
    expect(texts).to.deep.equal(
      [
        ...[waits, 'retry 1 of 3 follows: nobody is there', waits, 'retry 2 of 3 follows: nobody is there'],
        'put aside after 2 retries: nobody is there',
        ...['retry 1 of 3 follows: nobody is there', 'retry 1 of 3 follows: nobody is there'],
        'put aside after 1 retry: nobody is there',
        ...['put aside after 1 retry: nobody is there', 'put aside without a retry: nobody is there'],
      ].map((text) => `Account: ${text}`),
    );
    log.unsubscribe();
  });

  it('is silent, when nothing fails', () => {
    works(events);
    log.unsubscribe();
    expect(lines).to.deep.equal([]);
  });
});
