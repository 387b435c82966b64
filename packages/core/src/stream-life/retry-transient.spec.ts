import { expect } from 'chai';
import { concat, defer, of, throwError, type Observable } from 'rxjs';
import { RxforceError, ThrottledError, ServiceError, SchemaError, AuthenticationError } from '../model/errors.js';
import { runMarbles } from '../testing/run-marbles.js';
import { retryRefused, retryTransient } from './retry-transient.js';

const passing = new ServiceError('busy', { retriable: true });
const throttled = new ThrottledError('slower', { retriable: true });
const fatal = new SchemaError('no');

/** Runs a source that is retried: what it gave, when it was tried, and what was told. */
function run(
  source: (attempt: number) => Observable<string>,
  { untilMs = 100_000, onTell = (): void => undefined, random = 1, maxAttempts = Infinity } = {},
) {
  const seen = { tries: [] as number[], told: [] as unknown[], values: [] as string[], end: undefined as unknown };
  runMarbles(({ scheduler, flush }) => {
    scheduler.maxFrames = untilMs;
    const subscription = defer(() => source(seen.tries.push(scheduler.now())))
      .pipe(
        retryTransient(
          { scheduler, random: () => random },
          (...told) => {
            seen.told.push(told);
            onTell();
          },
          maxAttempts,
        ),
      )
      .subscribe({
        next: (value) => seen.values.push(value),
        error: (error: unknown) => (seen.end = error),
        complete: () => (seen.end = 'complete'),
      });
    flush();
    subscription.unsubscribe();
  });
  return seen;
}

describe('retryTransient', () => {
  it('passes on what comes, and the end', () => {
    const seen = run(() => of('a', 'b'));
    expect(seen).to.deep.equal({ tries: [0], told: [], values: ['a', 'b'], end: 'complete' });
  });

  it('counts anew after a value: what lives for long may fail once a day', () => {
    const source = (attempt: number) =>
      attempt < 9
        ? concat(
            of('a'),
            throwError(() => passing),
          )
        : of('z');
    const seen = run(source, { maxAttempts: 3 });
    expect(seen.told.map((told) => (told as readonly number[]).slice(0, 2))).to.deep.equal(Array(8).fill([1, 500]));
    expect(seen.end).to.equal('complete');
  });

  it('tries again after longer and longer pauses, and tells each, until it succeeds', () => {
    const seen = run((attempt) => (attempt < 4 ? throwError(() => passing) : of('a')));
    expect(seen.tries).to.deep.equal([0, 500, 1_500, 3_500]);
    expect(seen.told).to.deep.equal([
      [1, 500, passing],
      [2, 1_000, passing],
      [3, 2_000, passing],
    ]);
    expect([seen.values, seen.end]).to.deep.equal([['a'], 'complete']);
  });

  it('gives up, when as many have failed as may', () => {
    const seen = run(() => throwError(() => passing), { maxAttempts: 3 });
    expect(seen.tries).to.deep.equal([0, 500, 1_500]);
    expect(seen.told).to.have.length(2);
    expect(seen.end).to.equal(passing);
  });

  it('waits as chance has it', () => {
    const seen = run((attempt) => (attempt < 2 ? throwError(() => passing) : of('a')), { random: 0.1 });
    expect(seen.tries).to.deep.equal([0, 50]);
  });

  it('waits longer, when the service asks for less', () => {
    const seen = run((attempt) => (attempt < 2 ? throwError(() => throttled) : of('a')));
    expect(seen.tries).to.deep.equal([0, 5_000]);
  });

  it('tries for ever, when the error may pass for ever', () => {
    const seen = run(() => throwError(() => passing), { untilMs: 500_000 });
    expect(seen.tries.length).to.be.above(18);
    expect(seen.end).to.equal(undefined);
  });

  it('gives up at once, when the error cannot pass', () => {
    const seen = run(() => throwError(() => fatal));
    expect(seen).to.deep.equal({ tries: [0], told: [], values: [], end: fatal });
  });

  it('gives up when an error that cannot pass follows one that may', () => {
    const seen = run((attempt) => throwError(() => (attempt === 1 ? passing : fatal)));
    expect([seen.tries, seen.end]).to.deep.equal([[0, 500], fatal]);
  });

  it('takes an error of somebody else for one that cannot pass', () => {
    const seen = run(() => throwError(() => new Error('odd')));
    expect(seen.tries).to.deep.equal([0]);
    expect(seen.end).to.be.instanceOf(RxforceError).and.include({ code: 'service', retriable: false });
  });

  it('passes values on that came before an error', () => {
    const seen = run((attempt) =>
      attempt < 2
        ? concat(
            of('a'),
            throwError(() => passing),
          )
        : of('b'),
    );
    expect(seen.values).to.deep.equal(['a', 'b']);
  });

  it('waits no more, when unsubscribed', () => {
    const seen = run(() => throwError(() => passing), { untilMs: 100 });
    expect(seen.tries).to.deep.equal([0]);
  });
});

describe('retryTransient, when the session is refused', () => {
  const refused = new AuthenticationError('expired', { grpcStatus: 16 });

  /** How many calls were made until it gave up, when, and with what. */
  const giveUp = (hasWorked: boolean, maxAttempts = Infinity) => {
    const seen = { calls: 0, atMs: 0, error: undefined as unknown };
    runMarbles(({ scheduler, flush }) => {
      scheduler.maxFrames = 600_000;
      const tell = () => undefined;
      throwError(() => (seen.calls++, refused))
        .pipe(retryTransient({ scheduler, random: () => 0 }, tell, maxAttempts, () => hasWorked))
        .subscribe({ error: (error: unknown) => Object.assign(seen, { error, atMs: scheduler.now() }) });
      flush();
    });
    return seen;
  };

  it('tries again for seconds, where no such call has worked', () => {
    const { calls, atMs, error } = giveUp(false);
    expect([calls, atMs]).to.deep.equal([5, 3_500]);
    expect(error).to.include({ code: 'authentication', cause: refused });
  });

  it('tries again for minutes, where one has', () => {
    const { calls, atMs } = giveUp(true);
    expect(calls).to.equal(20);
    expect(atMs).to.be.within(180_000, 300_000);
  });

  it('gives up after maxAttempts', () => {
    expect(giveUp(true, 3)).to.include({ calls: 3, error: refused });
  });

  it('gives up at once, when the login is refused', () => {
    const wrong = new AuthenticationError('wrong password');
    const seen = run(() => throwError(() => wrong));
    expect([seen.tries, seen.end]).to.deep.equal([[0], wrong]);
  });
});

describe('retryRefused', () => {
  const refused = new AuthenticationError('expired', { grpcStatus: 16 });

  it('tries again for seconds what is refused, and nothing else', () => {
    runMarbles(({ scheduler, expectObservable }) => {
      const errors = [refused, refused, passing];
      const call = defer(() => throwError(() => errors.shift()));
      expectObservable(call.pipe(retryRefused({ scheduler, random: () => 1 }))).toBe('1500ms #', undefined, passing);
    });
  });

  it('gives what comes, when the service knows the session a second later', () => {
    runMarbles(({ scheduler, expectObservable }) => {
      const call = defer(() => (scheduler.now() < 1_000 ? throwError(() => refused) : of('a')));
      expectObservable(call.pipe(retryRefused({ scheduler, random: () => 0 }))).toBe('1500ms (a|)');
    });
  });
});
