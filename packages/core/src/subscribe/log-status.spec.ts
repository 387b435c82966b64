import { expect } from 'chai';
import { from, merge, of, Subject, VirtualTimeScheduler } from 'rxjs';
import { AuthenticationError, ConfigurationError, ConnectionError } from '../model/errors.js';
import { ReplayId } from '../model/replay-id.js';
import type { LogFields, Logger } from '../ports/logger.js';
import type { Status, SubscriptionStatus } from '../ports/status.js';
import { logStatus, writeStatuses } from './log-status.js';

const OF = { topic: '/data/AccountChangeEvent', subscription: 1, name: 'crm' };
const status = (detail: object) => ({ ...OF, ...detail }) as SubscriptionStatus;

/** The lines that these statuses give: level, message, fields. */
function linesOf(statuses: readonly Status[], level?: 'debug' | 'info' | 'warn' | 'error') {
  const lines: [string, string, LogFields | undefined][] = [];
  const to = (name: string) => (message: string, fields?: LogFields) => void lines.push([name, message, fields]);
  logStatus(from(statuses), { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') }, level);
  return lines;
}

describe('logStatus', () => {
  it('writes a line with the topic, the name and the fields', () => {
    expect(linesOf([status({ type: 'acquired', token: 7 })])).to.deep.equal([
      ['info', '/data/AccountChangeEvent (crm): acquired', { type: 'acquired', token: 7, ...OF }],
    ]);
  });

  it('writes positions as text, times as ISO, and of an error its code and its message', () => {
    const position = ReplayId.fromBytes(Buffer.from('abc'));
    const cause = new ConnectionError('no route');
    const [committed, anchored, waiting] = linesOf(
      [
        status({ type: 'committed', position, events: 2, tookMs: 3.14159 }),
        status({ type: 'committed', position: new Date(0), events: 0, tookMs: 3 }),
        status({ type: 'waiting', attempt: 1, delayMs: 500, cause }),
      ],
      'debug',
    );
    expect(committed![2]).to.include({ position: position.toString(), events: 2, tookMs: 3.1 });
    expect(anchored![2]).to.include({ position: '1970-01-01T00:00:00.000Z' });
    expect(waiting![2])
      .to.include({ code: 'connection', error: 'no route', delayMs: 500 })
      .and.not.to.have.any.keys('cause');
  });

  it('writes the shares of a log as JSON', () => {
    const shares = [{ member: 'a', partitions: [0, 2] }];
    const [[, , fields] = []] = linesOf([status({ type: 'assigned', partitions: [0, 2], shares })]);
    expect(fields).to.include({ partitions: '0,2', shares: '[{"member":"a","partitions":[0,2]}]' });
  });

  it('tells that a stream is live the first time and after trouble, and not each time that it comes back from a pause', () => {
    const live = status({ type: 'live' });
    const parked = status({ type: 'parked' });
    const waiting = status({ type: 'waiting', attempt: 1, delayMs: 1, cause: undefined });
    const of2 = { ...live, subscription: 2 };
    const closed = status({ type: 'closed' });
    const lines = linesOf([live, parked, live, of2, waiting, live, closed, live]);
    expect(lines.map(([level, , fields]) => [level, fields!.type, fields!.subscription])).to.deep.equal([
      ['info', 'live', 1],
      ['info', 'live', 2],
      ['info', 'live', 1],
      ['info', 'closed', 1],
      ['info', 'live', 1],
    ]);
  });

  it('takes the end of a subscription for an error, when it ended with one', () => {
    const cause = new ConnectionError('no route');
    const [left, failed] = linesOf([status({ type: 'closed' }), status({ type: 'closed', cause })]);
    expect(left!.slice(0, 2)).to.deep.equal(['info', '/data/AccountChangeEvent (crm): closed']);
    expect(failed!.slice(0, 2)).to.deep.equal([
      'error',
      '/data/AccountChangeEvent (crm): closed with an error: no route',
    ]);
    expect(failed![2]).to.include({ code: 'connection' });
  });

  it('takes a login that is refused for an error, and one that may succeed later for a warning', () => {
    const login = (ok: boolean, cause?: ConnectionError | AuthenticationError): Status => ({
      ...{ type: 'login', ok, tookMs: 5, cause },
    });
    const lines = linesOf([
      login(true),
      login(false, new AuthenticationError('no such user', { reason: 'other' })),
      login(false, new ConnectionError('down')),
    ]);
    expect(lines.map(([level, message]) => [level, message])).to.deep.equal([
      ['info', 'logged in'],
      ['error', 'the login failed: no such user'],
      ['warn', 'the login failed: down'],
    ]);
    expect(lines[1]![2]).to.include({ ok: false, code: 'authentication' });
  });

  it('warns of the first of logins that fail in a row, and then once a minute, with how many there were', () => {
    const clock = new VirtualTimeScheduler();
    const status$ = new Subject<Status>();
    const lines: string[] = [];
    writeStatuses(status$, (level, message) => void lines.push(`${clock.frame / 1_000} s ${level}: ${message}`), clock);
    const login = (at: number, ok = false, cause: Error = new ConnectionError('It is down.')) => {
      clock.frame = at * 1_000;
      status$.next({ type: 'login', ok, tookMs: 5, ...(!ok && { cause }) } as Status);
    };
    [0, 1, 3, 59, 60, 90].forEach((at) => login(at));
    login(91, true);
    login(92);
    login(93, false, new AuthenticationError('no such user', { reason: 'other' }));
    expect(lines.filter((line) => !line.includes(' debug: '))).to.deep.equal([
      '0 s warn: the login failed: It is down.',
      '60 s warn: the login failed: It is down. It has failed 5 times in a row.',
      '91 s info: logged in',
      '92 s warn: the login failed: It is down.',
      '93 s error: the login failed: no such user',
    ]);
    expect(lines).to.have.length(9);
  });

  it('warns of the failing login of each of merged clients, whose statuses do not say whose they are', () => {
    const clock = new VirtualTimeScheduler();
    const [emea, amer] = [new Subject<Status>(), new Subject<Status>()];
    const lines: string[] = [];
    const write = (level: string, message: string) => void lines.push(`${clock.frame / 1_000} s ${level}: ${message}`);
    writeStatuses(merge(emea, amer), write, clock);
    const fail = (of: Subject<Status>, at: number, message: string) => {
      clock.frame = at * 1_000;
      of.next({ type: 'login', ok: false, tookMs: 5, cause: new ConnectionError(message) });
    };
    fail(emea, 0, 'emea1.example is down.');
    fail(amer, 1, 'emea2.example is down, after 4 s.');
    fail(emea, 2, 'emea1.example is down.');
    fail(amer, 59, 'emea2.example is down, after 5 s.');
    fail(emea, 60, 'emea1.example is down.');
    fail(amer, 61, 'emea2.example is down, after 6 s.');
    expect(lines.filter((line) => !line.includes(' debug: '))).to.deep.equal([
      '0 s warn: the login failed: emea1.example is down.',
      '1 s warn: the login failed: emea2.example is down, after 4 s.',
      '60 s warn: the login failed: emea1.example is down. It has failed 3 times in a row.',
      '61 s warn: the login failed: emea2.example is down, after 6 s. It has failed 3 times in a row.',
    ]);
    expect(lines).to.have.length(6);
  });

  it('remembers a hundred causes of failed logins, and then begins anew', () => {
    const clock = new VirtualTimeScheduler();
    const status$ = new Subject<Status>();
    const levels: string[] = [];
    writeStatuses(status$, (level) => void levels.push(level), clock);
    const fail = (host: number) => {
      levels.length = 0;
      const cause = new ConnectionError(`host${host}.example is down.`);
      status$.next({ type: 'login', ok: false, tookMs: 5, cause });
      return levels[0];
    };
    for (let host = 1; host <= 100; host++) expect(fail(host)).to.equal('warn');
    expect([fail(1), fail(100)]).to.deep.equal(['debug', 'debug']);
    expect([fail(101), fail(1), fail(101)]).to.deep.equal(['warn', 'warn', 'debug']);
  });

  describe('of several orgs', () => {
    const clock = new VirtualTimeScheduler();
    /** The lines above `debug` that these statuses give, one after the other. */
    const linesAt = (...statuses: readonly (readonly [atMs: number, org: string, detail: object])[]) => {
      const lines: string[] = [];
      const status$ = new Subject<Status & { readonly org: string }>();
      writeStatuses(status$, (level, message) => level !== 'debug' && void lines.push(`${level}: ${message}`), clock);
      for (const [atMs, org, detail] of statuses) {
        clock.frame = atMs;
        status$.next({ ...detail, org } as Status & { readonly org: string });
      }
      return lines;
    };

    it('warns of the failing logins of one once a minute, also where another one logs in, or is refused', () => {
      const failed = { type: 'login', ok: false, tookMs: 5, cause: new ConnectionError('It is down.') };
      const refused = { ...failed, cause: new AuthenticationError('no such user', { reason: 'other' }) };
      const lines = linesAt(
        [0, 'emea', failed],
        [1, 'amer', { type: 'login', ok: true, tookMs: 5, cause: undefined }],
        [2, 'emea', failed],
        [3, 'apac', refused],
        [4, 'emea', failed],
        [5, 'amer', failed],
        [60_000, 'emea', failed],
      );
      expect(lines).to.deep.equal([
        'warn: the login failed: It is down.',
        'info: logged in',
        'error: the login failed: no such user',
        'warn: the login failed: It is down.',
        'warn: the login failed: It is down. It has failed 4 times in a row.',
      ]);
    });

    it('tells that a stream is live of each of them, as each one counts its subscriptions from 1', () => {
      const live = status({ type: 'live' });
      expect(linesAt([0, 'emea', live], [1, 'amer', live], [2, 'emea', live])).to.have.length(2);
    });

    it('leaves the warning of an org whose events have failed to mergeOrgs', () => {
      const lines: [string, string][] = [];
      const error = new ConnectionError('It is down.');
      writeStatuses(of({ type: 'orgFailed', org: 'emea', error }), (...line) => lines.push([line[0], line[1]]), clock);
      expect(lines).to.deep.equal([['debug', 'the events of emea have failed']]);
    });
  });

  it('writes lines of its level and above', () => {
    const each = [
      status({ type: 'connected' }),
      status({ type: 'acquired', token: 1 }),
      status({ type: 'lost' }),
      status({ type: 'replayReset', from: undefined, policy: 'latest' }),
    ];
    const levels = (level: 'debug' | 'info' | 'warn' | 'error') => linesOf(each, level).map(([name]) => name);
    expect(levels('debug')).to.deep.equal(['debug', 'info', 'warn', 'error']);
    expect(levels('info')).to.deep.equal(['info', 'warn', 'error']);
    expect(levels('warn')).to.deep.equal(['warn', 'error']);
    expect(levels('error')).to.deep.equal(['error']);
  });

  it('refuses a level that is none, and a logger that has no function for it', () => {
    const status$ = new Subject<Status>();
    expect(() => logStatus(status$, console, 'loud' as never)).to.throw(ConfigurationError, /'debug', 'info'/);
    const warn = () => undefined;
    expect(() => logStatus(status$, { warn })).to.throw(ConfigurationError, 'no function info(message, fields)');
    expect(() => logStatus(status$, { warn, info: warn }, 'debug')).to.throw(ConfigurationError, 'no function debug');
    expect(() => logStatus(status$, { error: warn } as never, 'error')).to.throw(ConfigurationError, 'function warn');
    const onlyWarn: Logger = { warn };
    expect(logStatus(status$, onlyWarn, 'warn').closed).to.equal(false);
  });
});
