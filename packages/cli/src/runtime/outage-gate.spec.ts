import { expect } from 'chai';
import { Subject, VirtualTimeScheduler, type Subscription } from 'rxjs';
import { SinkError } from '../sinks/sink.js';
import { OutageGate } from './outage-gate.js';

const SECOND = 1_000;
const away = new SinkError('away', { outage: true });
const own = new SinkError('HTTP 500');
const refused = new SinkError('HTTP 422', { retriable: false });

describe('OutageGate', () => {
  let clock: VirtualTimeScheduler;
  let gate: OutageGate;
  /** What was begun, with its time in seconds. */
  let begun: string[];
  let attempts: Map<string, Subject<never>>;
  let subscriptions: Map<string, Subscription>;

  beforeEach(() => {
    clock = new VirtualTimeScheduler();
    gate = new OutageGate({ random: () => 1, scheduler: clock });
    begun = [];
    attempts = new Map();
    subscriptions = new Map();
  });

  const enter = (...names: readonly string[]) => {
    for (const name of names) {
      const attempt$ = gate.pass(name, () => {
        begun.push(`${clock.now() / SECOND} s ${name}`);
        const attempt = new Subject<never>();
        attempts.set(name, attempt);
        return attempt;
      });
      subscriptions.set(name, attempt$.subscribe({ error: () => undefined }));
    }
  };
  /** Ends an attempt. One that fails is made again, as `retryWithDLQ` does. */
  const ends = (name: string, error?: Error) => {
    if (error === undefined) attempts.get(name)?.complete();
    else attempts.get(name)?.error(error);
    if (error !== undefined && error !== refused) enter(name);
  };
  const after = (seconds: number) => {
    const until = clock.now() + seconds * SECOND;
    clock.maxFrames = until;
    clock.flush();
    clock.frame = until;
  };
  const newly = () => begun.splice(0);

  it('lets all attempts pass, while none fails by an outage', () => {
    enter('a', 'b');
    ends('a', own);
    enter('c');
    expect([newly(), gate.outage]).to.deep.equal([['0 s a', '0 s b', '0 s a', '0 s c'], undefined]);
  });

  it('lets one at a time try in an outage, after waits that double up to 30 s, and the one first that has waited longest', () => {
    enter('a', 'b', 'c');
    newly();
    for (const name of ['a', 'b', 'c']) ends(name, away);
    enter('d');
    for (const [index, wait] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      after(wait);
      ends(['a', 'b', 'c', 'd'][index % 4]!, away);
    }
    expect(newly()).to.deep.equal(['1 s a', '3 s b', '7 s c', '15 s d', '31 s a', '61 s b', '91 s c']);
    expect(gate.outage).to.include({ since: 0, error: away });
  });

  it('lets all go on, when one got through', () => {
    enter('a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) ends(name, away);
    after(1);
    newly();
    ends('a');
    expect([newly(), gate.outage]).to.deep.equal([['1 s b', '1 s c'], undefined]);
    // The waits begin anew.
    ends('b', away);
    after(1);
    expect(newly()).to.deep.equal(['2 s b']);
  });

  it('lets all go on, when the sink refuses an event for good: it is there', () => {
    enter('a', 'b');
    ends('a', away);
    ends('b', away);
    after(1);
    newly();
    ends('a', refused);
    expect(newly()).to.deep.equal(['1 s b']);
  });

  it('goes on waiting, when the one that tries fails by itself', () => {
    enter('a', 'b');
    ends('a', away);
    ends('b', away);
    after(1);
    newly();
    ends('a', own);
    after(1);
    expect(newly()).to.deep.equal([]);
    after(1);
    expect(newly()).to.deep.equal(['3 s b']);
  });

  it('lets another one try at once, while only one has failed, and then waits for its turn', () => {
    enter('a');
    ends('a', away);
    after(1);
    ends('a', away);
    newly();
    enter('b', 'c');
    expect(newly()).to.deep.equal(['1 s b']);
    ends('b', away);
    after(3);
    expect(newly()).to.deep.equal([]);
    after(1);
    expect(newly()).to.deep.equal(['5 s a']);
  });

  it('does not take what was sent before the failure for its end, and takes what was sent after it', () => {
    enter('before', 'a', 'after');
    ends('a', away);
    ends('before');
    expect(gate.outage).to.include({ error: away });
    newly();
    ends('after');
    expect([newly(), gate.outage]).to.deep.equal([['0 s a'], undefined]);
  });

  it('does not wait longer for failures of attempts that had begun before it', () => {
    enter('a', 'b', 'c', 'd');
    newly();
    for (const name of ['a', 'b', 'c', 'd']) ends(name, away);
    after(1);
    expect(newly()).to.deep.equal(['1 s a']);
  });

  it('waits as long as the other side asks for', () => {
    enter('a');
    newly();
    ends('a', new SinkError('HTTP 503', { outage: true, retryAfterMs: 100 * SECOND }));
    enter('b');
    after(99);
    expect(newly()).to.deep.equal([]);
    after(1);
    expect(newly()).to.deep.equal(['100 s a']);
  });

  it('lets another one try, when nobody waits for the one any more, and after the longest wait without an answer', () => {
    enter('a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) ends(name, away);
    after(1);
    newly();
    subscriptions.get('a')?.unsubscribe();
    expect(newly()).to.deep.equal(['1 s b']);
    after(30);
    expect(newly()).to.deep.equal(['31 s c']);
  });

  it('begins no attempt that nobody waits for any more', () => {
    enter('a');
    ends('a', away);
    newly();
    subscriptions.get('a')?.unsubscribe();
    after(60);
    expect(newly()).to.deep.equal([]);
  });

  it('tries at once, when it is told to, but one at a time, and not before the other side wants it', () => {
    gate.tryNow();
    enter('a', 'b');
    ends('a', away);
    ends('b', away);
    newly();
    gate.tryNow();
    gate.tryNow();
    expect(newly()).to.deep.equal(['0 s a']);
    ends('a', new SinkError('HTTP 503', { outage: true, retryAfterMs: 10 * SECOND }));
    gate.tryNow();
    expect(newly()).to.deep.equal([]);
    after(10);
    expect(newly()).to.deep.equal(['10 s b']);
  });

  it('spreads the waits by chance', () => {
    gate = new OutageGate({ random: () => 0.5, scheduler: clock });
    enter('a');
    ends('a', away);
    newly();
    after(0.5);
    expect(newly()).to.deep.equal(['0.5 s a']);
  });
});
