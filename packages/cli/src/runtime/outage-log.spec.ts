import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { ConnectionError } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { SinkError, type SinkEvent } from '../sinks/sink.js';
import { noSchema } from '../sinks/source-error.js';
import { OutageLog } from './outage-log.js';

const SECOND = 1_000;
const AWAY = new SinkError('it is away', { outage: true });
const LOCKED = new SinkError('its table is locked', { outage: true });
const [a, b, c] = ['a', 'b', 'c'].map((id) => changeEvent({ id, recordIds: [id] })) as [
  SinkEvent,
  SinkEvent,
  SinkEvent,
];
const OUT = 'warn Account: waits until the sink hook takes events again: it is away';

describe('OutageLog', () => {
  let lines: string[];
  let details: string[];
  let clock: VirtualTimeScheduler;
  let log: OutageLog;

  beforeEach(() => {
    lines = [];
    details = [];
    clock = new VirtualTimeScheduler();
    const at = (level: string) => (text: string) => void lines.push(`${clock.now() / SECOND} s ${level} ${text}`);
    const debug = (text: string) => void details.push(text);
    log = new OutageLog('hook', { debug, info: at('info'), warn: at('warn'), error: at('error') }, clock);
    ['Account', 'Lead', 'Case', 'Order'].forEach(() => log.joins());
  });

  /** Does something at a time. */
  const at = (seconds: number, work: () => void) => clock.schedule(work, seconds * SECOND);
  /** Events fail, and wait so long. */
  const fails = (topic: string, events: readonly SinkEvent[], waitMs = 1_000, error: unknown = AWAY) => {
    log.failed(topic, events, error);
    log.waits(waitMs);
  };

  it('says once that the sink of several topics is out, and once that it takes events again, and after how long', () => {
    at(0, () => fails('Account', [a]));
    at(1, () => fails('Lead', [b], 40_000));
    at(2, () => fails('Case', [c], 40_000));
    at(31, () => log.worked('Account', [a]));
    at(32, () => log.worked('Lead', [b]));
    at(42, () => log.worked('Case', [c]));
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
    at(4, () => [log.worked('Account', [a]), log.worked('Lead', [b]), log.worked('Case', [c])]);
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '1 s warn Lead: waits until the sink hook takes events again: its table is locked',
      '4 s info the sink hook takes events again, after 4 s. Meanwhile 2 attempts failed',
    ]);
  });

  it('has a line every 60 s, for all topics together', () => {
    for (let second = 0; second < 150; second += 7) {
      at(second, () => ['Account', 'Lead', 'Case', 'Order'].forEach((topic) => fails(topic, [a, b], 20_000)));
    }
    at(150, () => ['Account', 'Lead', 'Case', 'Order'].forEach((topic) => log.worked(topic, [a, b])));
    clock.flush();
    const wait = '8 events of Account, Lead and 2 more topics wait. It fails: it is away';
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      `60 s warn the sink hook: 35 attempts failed since the last line about it, and ${wait}`,
      `120 s warn the sink hook: 36 attempts failed since the last line about it, and ${wait}`,
      '150 s info the sink hook takes events again, after 150 s. Meanwhile 16 attempts failed',
    ]);
  });

  it('says that a sink is out again, when it took events in between, and not more often than every 10 s', () => {
    for (const second of [0, 4, 20, 25, 40]) {
      at(second, () => fails('Account', [a]));
      at(second + 1, () => log.worked('Account', [a]));
    }
    clock.flush();
    const again = 'info the sink hook takes events again, after 1 s';
    expect(lines).to.deep.equal([
      ...[`0 s ${OUT}`, `1 s ${again}`],
      ...[`20 s ${OUT}`, `21 s ${again}. Meanwhile 1 attempt failed`],
      ...[`40 s ${OUT}`, `41 s ${again}. Meanwhile 1 attempt failed`],
    ]);
  });

  it('reminds of events that wait, though none is tried, until they are written', () => {
    at(0, () => fails('Account', [a], 300_000));
    at(130, () => log.worked('Account', [a]));
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
    at(41, () => log.worked('Lead', [b]));
    clock.flush();
    expect(lines).to.deep.equal([
      `0 s ${OUT}`,
      '41 s info the sink hook takes events again, after 41 s. Meanwhile 1 attempt failed',
    ]);
  });

  it('reminds of none of them, either', () => {
    at(0, () => fails('Account', [a, b], 30_000));
    clock.flush();
    expect(lines).to.have.length(1);
  });

  it('does not wait for events that fail by themselves, or whose topic has ended', () => {
    at(0, () => [fails('Account', [a], 40_000), fails('Lead', [b], 40_000), fails('Case', [c], 40_000)]);
    at(1, () => log.gaveUp('Account', [a]));
    at(2, () => log.leaves('Lead'));
    at(3, () => log.worked('Case', [c]));
    clock.flush();
    expect(lines[1]).to.match(/^3 s info the sink hook takes events again, after 3 s/);
  });

  it('says that it is no failure of the sink, when a schema cannot be had', () => {
    const noAnswer = noSchema(new ConnectionError('Nobody answers.', { retriable: true }));
    at(0, () => fails('Account', [a], 1_000, noAnswer));
    at(1, () => log.worked('Account', [a]));
    clock.flush();
    expect(lines[0]).to.equal('0 s warn Account: waits: The schema of the events cannot be had: Nobody answers.');
  });

  it('says what it had only counted, and reminds no more, when its last topic ends', () => {
    at(0, () => [fails('Account', [a]), fails('Lead', [b])]);
    at(2, () => ['Account', 'Lead', 'Case', 'Order'].forEach((topic) => log.leaves(topic)));
    clock.flush();
    expect(lines.slice(1)).to.deep.equal([
      '2 s warn the sink hook: 1 attempt failed since the last line about it. It fails: it is away',
    ]);
    expect(clock.now()).to.equal(2 * SECOND);
  });
});
