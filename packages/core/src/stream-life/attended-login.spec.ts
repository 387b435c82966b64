import { expect } from 'chai';
import { Subject, type Observable } from 'rxjs';
import { SteppedTime } from '../../test/support/stepped-time.js';
import { AuthenticationError, ConnectionError } from '../model/errors.js';
import type { OrgSession } from '../ports/session-provider.js';
import { noAnswerYet } from '../ports/no-answer-yet.js';
import { attendedLogin, silentLogin } from './attended-login.js';

const SESSION: OrgSession = { accessToken: 'secret', instanceUrl: 'https://x', organizationId: '00D' };

/** A login, and everything that was warned of. */
const attended = (open: () => unknown, time = new SteppedTime(), closed?: Observable<unknown>) => {
  const warnings: string[] = [];
  const logger = { warn: (message: string) => warnings.push(message) };
  const login = attendedLogin({ open: open as () => Promise<OrgSession> }, time, logger, closed);
  return { login, warnings, time };
};
const errorOf = async (open: () => unknown) =>
  attended(open)
    .login.open()
    .catch((thrown: unknown) => thrown);

describe('attendedLogin', () => {
  it('gives what the login gives, and leaves no timer', async () => {
    const { login, time } = attended(() => Promise.resolve(SESSION));
    expect(await login.open()).to.equal(SESSION);
    expect(time.actions.filter(({ closed }) => !closed)).to.deep.equal([]);
  });

  it('warns after 15 seconds of a login that does not answer, and not again within a minute', async () => {
    const pending: ((session: OrgSession) => void)[] = [];
    const { login, warnings, time } = attended(() => new Promise((resolve) => pending.push(resolve)));
    const early = noAnswerYet('the login');
    const open = async (passMs: number) => {
      const opened = login.open();
      await time.pass(passMs);
      pending.at(-1)?.(SESSION);
      return opened;
    };
    await open(14_999);
    expect(warnings).to.deep.equal([]);
    await open(15_000);
    await open(29_999);
    expect([warnings, early]).to.deep.equal([[early], 'No answer yet from the login, after 15 s. It is waited for.']);
    await time.pass(60_000);
    await open(15_000);
    expect(warnings).to.deep.equal([early, early]);
    expect(time.actions.filter(({ closed }) => !closed)).to.deep.equal([]);
  });

  it('warns once of logins that are slow and fail in a row, and anew after one that answers soon', async () => {
    const pending: ((error: Error) => void)[] = [];
    const { login, warnings, time } = attended(() => new Promise((_, reject) => pending.push(reject)));
    const fail = async (passMs: number) => {
      const opened = login.open().catch((error: unknown) => error);
      await time.pass(passMs);
      pending.at(-1)?.(new ConnectionError('No answer within 30 s.'));
      expect(await opened).to.be.instanceOf(ConnectionError);
    };
    for (let tries = 0; tries < 5; tries++) await fail(30_000);
    expect(warnings).to.deep.equal([noAnswerYet('the login')]);
    await fail(14_999);
    await fail(30_000);
    expect(warnings).to.deep.equal([noAnswerYet('the login'), noAnswerYet('the login')]);
  });

  it('warns after a minute, and then each 30 seconds, and gives what comes in the end', async () => {
    let answer: (session: OrgSession) => void = () => undefined;
    const { login, warnings, time } = attended(() => new Promise((resolve) => (answer = resolve)));
    const opened = login.open();
    const early = noAnswerYet('the login');
    // Most logins end with an error of their own after 30 seconds.
    await time.pass(59_999);
    expect(warnings).to.deep.equal([early]);
    await time.pass(40_000);
    expect(warnings).to.deep.equal([early, ...[2, 3].map((times) => silentLogin(times).message)]);
    expect(warnings[1]).to.include('for 60 s').and.include('open() of the session provider');
    answer(SESSION);
    expect(await opened).to.equal(SESSION);
    await time.pass(100_000);
    expect(warnings).to.have.length(3);
  });

  for (const [openMs, warned] of [
    [10_000, 0],
    [70_000, 2],
  ] as const) {
    it(`says nothing more, and keeps no process, once the client is closed after ${openMs / 1_000} s`, async () => {
      const closed = new Subject<void>();
      const { login, warnings, time } = attended(() => new Promise(() => undefined), new SteppedTime(), closed);
      void login.open();
      await time.pass(openMs);
      closed.next();
      expect(time.actions.filter((action) => !action.closed)).to.deep.equal([]);
      await time.pass(100_000);
      expect(warnings).to.have.length(warned);
    });
  }

  it('bears causes that cause each other', async () => {
    const one: Error & { cause?: unknown } = new Error('one');
    one.cause = new Error('other', { cause: one });
    expect(await errorOf(() => Promise.reject(one))).to.be.instanceOf(AuthenticationError);
  });

  it('passes on errors of rxforce as they are', async () => {
    const refused = new AuthenticationError('no', { reason: 'wrong-credentials' });
    expect(await errorOf(() => Promise.reject(refused))).to.equal(refused);
  });

  for (const [what, open] of [
    ['rejects with an Error', () => Promise.reject(new Error('quota'))],
    [
      'throws',
      () => {
        throw new TypeError('quota');
      },
    ],
  ] as const) {
    it(`is a login that was refused, when it ${what}`, async () => {
      const error = await errorOf(open);
      expect(error).to.be.instanceOf(AuthenticationError).and.include({ reason: 'other', retriable: false });
      expect((error as Error).message)
        .to.include('quota')
        .and.include('ConnectionError');
    });
  }

  for (const thrown of [undefined, null, 'secret', { token: 'secret' }]) {
    it(`says that it was no Error, and not what it was, when it rejects with ${typeof thrown}`, async () => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- What users' code may do.
      const error = await errorOf(() => Promise.reject(thrown));
      expect(error).to.be.instanceOf(AuthenticationError);
      expect((error as Error).message)
        .to.include(`rejected with ${typeof thrown}`)
        .and.not.include('secret');
    });
  }

  for (const thrown of [
    Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
    new TypeError('fetch failed', { cause: Object.assign(new Error('no host'), { code: 'ENOTFOUND' }) }),
    new DOMException('took too long', 'TimeoutError'),
  ]) {
    it(`is tried again, when the endpoint was not reached: ${thrown.message}`, async () => {
      expect(await errorOf(() => Promise.reject(thrown)))
        .to.be.instanceOf(ConnectionError)
        .and.include({ retriable: true });
    });
  }

  it('keeps what a library put into its error out of the cause', async () => {
    const thrown = Object.assign(new Error('status 400'), { config: { data: 'client_secret=secret' } });
    const { cause } = (await errorOf(() => Promise.reject(thrown))) as Error;
    expect(cause).to.include({ message: 'status 400', stack: thrown.stack }).and.not.have.property('config');
  });

  it('gives what is no promise, for its caller to check', async () => {
    expect(await attended(() => 5).login.open()).to.equal(5);
  });
});
