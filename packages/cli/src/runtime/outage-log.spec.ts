import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { ConnectionError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { SinkError, type SinkEvent } from '../sinks/sink.js';
import { noSchema } from '../sinks/source-error.js';
import { OutageLog } from './outage-log.js';
import { WorkInHand } from './work-in-hand.js';

const SECOND = 1_000;
const AWAY = new SinkError('it is away', { outage: true });
const LOCKED = new SinkError('its table is locked', { outage: true });
const [a, b, c] = ['a', 'b', 'c'].map((id) => changeEvent({ id, recordIds: [id] })) as [
  SinkEvent,
  SinkEvent,
  SinkEvent,
];
const NO_SCHEMA = noSchema(new ConnectionError('Nobody answers.', { retriable: true }));
const TOPICS = ['Account', 'Lead', 'Case', 'Order'];
const OUT = 'warn Account: waits until the sink hook takes events again: it is away';

describe('OutageLog', () => {
  let lines: string[];
  let details: string[];
  let clock: VirtualTimeScheduler;
  let inHand: WorkInHand;
  let log: OutageLog;

  beforeEach(() => {
    lines = [];
    details = [];
    clock = new VirtualTimeScheduler();
    const at = (level: string) => (text: string) => void lines.push(`${clock.now() / SECOND} s ${level} ${text}`);
    const debug = (text: string) => void details.push(text);
    log = new OutageLog('hook', { debug, info: at('info'), warn: at('warn'), error: at('error') }, clock);
    inHand = new WorkInHand(clock);
    TOPICS.forEach((topic) => log.joins(topic, inHand));
  });

  /** Does something at a time. */
  const at = (seconds: number, work: () => void) => clock.schedule(work, seconds * SECOND);
  /** Events fail, and wait so long. */
  const fails = (topic: string, events: readonly SinkEvent[], waitMs = 1_000, error: unknown = AWAY) => {
    inHand.began(events);
    inHand.failed(events);
    log.failed(topic, events, error);
    inHand.waits(waitMs);
  };
  const works = (topic: string, events: readonly SinkEvent[]) => {
    log.worked(topic, events);
    inHand.done(events);
  };

  it('says once that the sink of several topics is out, and once that it takes events again, and after how long', () => {
    at(0, () => fails('Account', [a]));
    at(1, () => fails('Lead', [b], 40_000));
    at(2, () => fails('Case', [c], 40_000));
    at(31, () => works('Account', [a]));
    at(32, () => works('Lead', [b]));
    at(42, () => works('Case', [c]));
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '42 s info the sink hook takes events again, after 42 s. Meanwhile 2 attempts failed',
    ]);
    expect(details).to.have.length(2);
    expect(details[0]).to.equal('Lead: waits until the sink hook takes events again: it is away');
  });

  it('has a line of its own for a topic that waits for another reason', () => {
    at(0, () => fails('Account', [a]));
    at(1, () => fails('Lead', [b], 1_000, LOCKED));
    at(2, () => fails('Account', [a], 1_000, LOCKED));
    at(3, () => fails('Case', [c], 1_000, LOCKED));
    at(4, () => [works('Account', [a]), works('Lead', [b]), works('Case', [c])]);
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '1 s warn Lead: waits until the sink hook takes events again: its table is locked',
      '4 s info the sink hook takes events again, after 4 s. Meanwhile 2 attempts failed',
    ]);
  });

  it('has a line every 60 s, for all topics together', () => {
    for (let second = 0; second < 150; second += 7) {
      at(second, () => TOPICS.forEach((topic) => fails(topic, [a, b], 20_000)));
    }
    at(150, () => TOPICS.forEach((topic) => works(topic, [a, b])));
    clock.flush();
    const wait = '8 events of Account, Lead and 2 more topics wait. It fails: it is away';
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      `60 s warn the sink hook: 35 attempts failed since the last line about it, and ${wait}`,
      `120 s warn the sink hook: 36 attempts failed since the last line about it, and ${wait}`,
      '150 s info the sink hook takes events again, after 150 s. Meanwhile 16 attempts failed',
    ]);
  });

  it('has one line about it every 60 s after an end, however often the sink comes and goes', () => {
    for (let second = 0; second < 200; second += 7) {
      at(second, () => fails('Account', [a]));
      at(second + 0.6, () => works('Account', [a]));
    }
    clock.flush();
    const count = (attempts: number) => `warn the sink hook: ${attempts} attempts failed since the last line about it`;
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '0.6 s info the sink hook takes events again, after 1 s',
      `60 s ${count(8)}. It takes events again; the last failure: it is away`,
      `120 s ${count(9)}. It takes events again; the last failure: it is away`,
      `180 s ${count(8)}. It takes events again; the last failure: it is away`,
      `240 s ${count(3)}. It takes events again; the last failure: it is away`,
    ]);
  });

  it('says that the sink takes others, where it does, and an end no older than the line that said that events wait', () => {
    at(0, () => fails('Account', [a]));
    at(1, () => works('Account', [a]));
    at(20, () => fails('Account', [a], 90_000));
    at(50, () => works('Lead', [b]));
    at(70, () => works('Lead', [b]));
    at(110, () => works('Account', [a]));
    clock.flush();
    expect(lines.slice(2)).to.deep.equal([
      '60 s warn the sink hook: 1 attempt failed since the last line about it, and 1 event of Account waits. ' +
        'It takes others meanwhile; the last failure: it is away',
      '110 s info the sink hook takes events again, after 50 s',
    ]);
  });

  it('says anew that a sink is out, when nothing has failed for a while', () => {
    for (const second of [0, 70]) {
      at(second, () => fails('Account', [a]));
      at(second + 1, () => works('Account', [a]));
    }
    clock.flush();
    expect(lines).to.deep.equal(
      [0, 70].flatMap((second) => [
        `${second} s ${OUT}`,
        `${second + 1} s info the sink hook takes events again, after 1 s`,
      ]),
    );
  });

  it('knows that events are not written, while their attempts take long', () => {
    at(0, () => [fails('Account', [a]), fails('Lead', [b])]);
    at(1, () => inHand.began([a, b]));
    at(40, () => works('Account', [a]));
    at(91, () => fails('Lead', [b]));
    at(92, () => inHand.began([b]));
    at(190, () => works('Lead', [b]));
    clock.flush();
    const wait = '1 event of Lead waits';
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      `60 s warn the sink hook: 1 attempt failed since the last line about it, and ${wait}. ` +
        'It takes others meanwhile; the last failure: it is away',
      `120 s warn the sink hook: 1 attempt failed since the last line about it, and ${wait}. It fails: it is away`,
      `180 s warn the sink hook: ${wait}. It fails: it is away`,
      '190 s info the sink hook takes events again, after 190 s',
    ]);
  });

  it('reminds of events that wait, though none is tried, until they are written', () => {
    at(0, () => fails('Account', [a], 300_000));
    at(130, () => works('Account', [a]));
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '60 s warn the sink hook: 1 event of Account waits. It fails: it is away',
      '120 s warn the sink hook: 1 event of Account waits. It fails: it is away',
      '130 s info the sink hook takes events again, after 130 s',
    ]);
  });

  it('waits for no events that are not tried again, as after a lost lease', () => {
    at(0, () => fails('Account', [a], 10_000));
    at(0, () => fails('Lead', [b], 10_000));
    at(41, () => works('Lead', [b]));
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '41 s info the sink hook takes events again, after 41 s. Meanwhile 1 attempt failed',
    ]);
  });

  it('reminds of none of them, either', () => {
    at(0, () => fails('Account', [a, b], 30_000));
    at(0, () => fails('Lead', [c], 70_000));
    at(70, () => works('Lead', [c]));
    clock.flush();
    expect(lines[1]).to.equal(
      '60 s warn the sink hook: 1 attempt failed since the last line about it, and 1 event of Lead waits. ' +
        'It fails: it is away',
    );
    expect(lines).to.have.length(3);
  });

  it('does not wait for events that fail by themselves, or whose topic has ended', () => {
    at(0, () => [fails('Account', [a], 40_000), fails('Lead', [b], 40_000), fails('Case', [c], 40_000)]);
    at(1, () => log.gaveUp('Account', [a]));
    at(2, () => log.leaves('Lead'));
    at(3, () => works('Case', [c]));
    clock.flush();
    expect(lines[1]).to.match(/^3 s info the sink hook takes events again, after 3 s/);
  });

  it('says that it is no failure of the sink, when a schema cannot be had', () => {
    at(0, () => fails('Account', [a], 70_000, NO_SCHEMA));
    at(70, () => works('Account', [a]));
    clock.flush();
    const why = 'The schema of the events cannot be had: Nobody answers.';
    expect(lines).to.deep.equal([
      `0 s warn Account: waits: ${why}`,
      `60 s warn the sink hook: 1 event of Account waits. ${why}`,
      '70 s info what the sink hook needs can be had again, after 70 s',
    ]);
  });

  it('says that of a topic that waited for the sink before, too, once', () => {
    at(0, () => fails('Account', [a]));
    at(1, () => fails('Account', [a], 1_000, NO_SCHEMA));
    at(2, () => fails('Account', [a], 1_000, NO_SCHEMA));
    at(3, () => works('Account', [a]));
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '1 s warn Account: waits: The schema of the events cannot be had: Nobody answers.',
      '3 s info what the sink hook needs can be had again, after 3 s. Meanwhile 1 attempt failed',
    ]);
  });

  it('reminds of a topic that joins after the last one has left', () => {
    at(0, () => fails('Account', [a]));
    at(1, () => TOPICS.forEach((topic) => log.leaves(topic)));
    at(2, () => log.joins('Lead', inHand));
    at(3, () => fails('Lead', [b], 70_000));
    at(73, () => works('Lead', [b]));
    clock.flush();
    expect(lines.slice(1)).to.deep.equal([
      '3 s warn Lead: waits until the sink hook takes events again: it is away',
      '63 s warn the sink hook: 1 event of Lead waits. It fails: it is away',
      '73 s info the sink hook takes events again, after 70 s',
    ]);
  });

  it('says what it had only counted, and reminds no more, when its last topic ends', () => {
    at(0, () => [fails('Account', [a]), fails('Lead', [b])]);
    at(2, () => TOPICS.forEach((topic) => log.leaves(topic)));
    clock.flush();
    expect(lines.slice(1)).to.deep.equal([
      '2 s warn the sink hook: 1 attempt failed since the last line about it. It fails: it is away',
    ]);
    expect(clock.now()).to.equal(2 * SECOND);
  });
});
