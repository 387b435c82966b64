import { expect } from 'chai';
import { AuthenticationError } from '../model/errors.js';
import type { OrgSession } from '../ports/session-provider.js';
import { sharedSession } from './shared-session.js';

describe('sharedSession', () => {
  it('logs in once, when several calls wait for a session', async () => {
    const logins: OrgSession[] = [];
    const shared = sharedSession(counting(logins));
    const sessions = await Promise.all([shared.current(), shared.current(), shared.current()]);
    expect(new Set([...sessions, await shared.current()]).size).to.equal(1);
    expect(logins).to.have.length(1);
  });

  it('does not remember a failed login', async () => {
    let attempts = 0;
    const session = { accessToken: 'x', instanceUrl: 'https://x', organizationId: '00D' };
    const shared = sharedSession({
      open: () => (++attempts === 1 ? Promise.reject(new Error('down')) : Promise.resolve(session)),
    });
    const [first, second] = await Promise.allSettled([shared.current(), shared.current()]);
    expect([first.status, second.status, attempts]).to.deep.equal(['rejected', 'rejected', 1]);
    expect(await shared.current()).to.equal(session);
  });

  const GOOD = { accessToken: 'secret', instanceUrl: 'https://x', organizationId: '00D' };
  for (const [what, answer, named] of [
    ['nothing', undefined, /resolved with undefined/],
    ['null', null, /resolved with null/],
    ['the bare token', 'secret', /resolved with a text/],
    ['no instanceUrl', { ...GOOD, instanceUrl: undefined }, /whose instanceUrl is undefined/],
    [
      'an instanceUrl that is a URL',
      { ...GOOD, instanceUrl: new URL('https://x') },
      /whose instanceUrl is an instance of URL/,
    ],
    ['an empty token', { ...GOOD, accessToken: ' ' }, /whose accessToken is a text/],
    ['what jsforce names otherwise', { access_token: 'secret' }, /whose accessToken is undefined/],
    ['an end that is a Date', { ...GOOD, expiresAt: new Date() }, /whose expiresAt is an instance of Date/],
    ['an end that is no number', { ...GOOD, expiresAt: NaN }, /whose expiresAt is a number/],
    ['an end in seconds', { ...GOOD, expiresAt: Date.now() / 1_000 + 7_200 }, /in seconds \(multiply it by 1000\)/],
    [
      'a lifetime in place of an end',
      { ...GOOD, expiresAt: 7_200_000 },
      /how long the session lasts \(add Date\.now\(\)\)/,
    ],
    ['an instanceUrl that is none', { ...GOOD, instanceUrl: 'acme.my.salesforce.com' }, /whose instanceUrl is no URL/],
    [
      'a session that cannot be read',
      {
        ...GOOD,
        get accessToken() {
          throw new Error('secret');
        },
      },
      /throws when it is read/,
    ],
    ['a user id that is a number', { ...GOOD, userId: 5 }, /whose userId is a number/],
  ] as const) {
    it(`says what is wrong, when a provider gives ${what}; the next call asks again`, async () => {
      const answers: unknown[] = [answer, GOOD];
      const shared = sharedSession({ open: () => Promise.resolve(answers.shift() as OrgSession) });
      const error: unknown = await shared.current().catch((thrown: unknown) => thrown);
      expect(error)
        .to.be.instanceOf(AuthenticationError)
        .and.include({ reason: 'answer-incomplete', retriable: false });
      expect((error as Error).message)
        .to.match(named)
        .and.include('must resolve with { accessToken, instanceUrl, organizationId }')
        .and.not.include('secret');
      expect(await shared.current()).to.equal(GOOD);
    });
  }

  it('is a rejection, when a provider throws', async () => {
    const shared = sharedSession({
      open: () => {
        throw new Error('sync');
      },
    });
    expect(await shared.current().catch((thrown: unknown) => (thrown as Error).message)).to.equal('sync');
  });

  describe('when its session is refused', () => {
    /** A provider whose sessions can be told apart, and a clock. */
    const made = () => {
      const logins: OrgSession[] = [];
      const clock = { now: 1_700_000_000_000 };
      const warnings: string[] = [];
      const shared = sharedSession(
        counting(logins),
        () => clock.now,
        (message) => warnings.push(message),
      );
      /** A call that the service takes or refuses after so long. */
      const call = async (ms: number, isTaken: boolean) => {
        clock.now += ms;
        const session = await shared.current();
        if (isTaken) shared.accepted(session);
        else shared.refused(session);
      };
      return { logins, clock, warnings, shared, call };
    };

    it('logs in once for all who use it, at once, when it has worked', async () => {
      const { logins, shared, warnings } = made();
      const old = await shared.current();
      shared.accepted(old);
      const renewed = await Promise.all(
        [1, 2, 3].map(() => {
          shared.refused(old);
          return shared.current();
        }),
      );
      expect(new Set(renewed).size).to.equal(1);
      expect([logins.length, warnings]).to.deep.equal([2, []]);
    });

    it('keeps a new session, when an old one is refused late', async () => {
      const { logins, shared, clock } = made();
      const old = await shared.current();
      clock.now += 7_200_000;
      shared.refused(old);
      await shared.current();
      shared.refused(old);
      expect(await shared.current()).to.equal(logins[1]);
    });

    it('keeps the second one while it is new and nothing has worked with it, and warns of that once in 30 s', async () => {
      const { logins, warnings, call } = made();
      for (const ms of [0, 5, 5, 500, 1_000]) await call(ms, false);
      expect(logins).to.have.length(2);
      expect(warnings).to.have.length(1);
      expect(warnings[0])
        .to.include('opened 0 ms ago')
        .and.not.match(/token \d/);
      await call(1_000, false);
      await call(0, false);
      expect(logins).to.have.length(3);
    });

    it('makes few logins, when the service refuses whatever it is given: 20 within ten minutes at most', async () => {
      const { logins, call } = made();
      for (let ms = 0; ms < 600_000; ms += 100) await call(100, false);
      expect(logins).to.have.length.within(10, 20);
    });

    it('is renewed within four seconds, however many sessions that worked have ended soon', async () => {
      const { logins, shared, call } = made();
      for (let times = 0; times < 20; times++) {
        await call(10, true);
        const before = logins.length;
        let waitedMs = 0;
        for (; logins.length === before && waitedMs <= 5_000; waitedMs += 100) {
          await call(100, false);
          await shared.current();
        }
        // The first ten at once: sessions are cut, and the work goes on.
        expect(waitedMs).to.be.at.most(times < 10 ? 100 : 4_100);
      }
    });

    it('makes few logins, when some calls are taken and others never', async () => {
      const { logins, call } = made();
      for (let ms = 0; ms < 600_000; ms += 100) await call(100, ms % 200 === 0);
      expect(logins).to.have.length.within(10, 25);
    });

    it('logs in at once again, when a session has lasted in between', async () => {
      const { logins, call } = made();
      for (let times = 0; times < 50; times++) await call(1_000, times % 2 === 0);
      const before = logins.length;
      await call(3_600_000, true);
      await call(1, false);
      await call(1, true);
      expect(logins.length).to.equal(before + 1);
    });

    it('is renewed all the same, when the clock is set back', async () => {
      const { logins, clock, call } = made();
      await call(0, false);
      await call(0, false);
      clock.now -= 3_600_000;
      for (const ms of [0, 1_000, 1_500]) await call(ms, false);
      await call(0, false);
      expect(logins).to.have.length(3);
    });
  });

  it('logs in at most every two seconds, when a provider gives sessions that are over', async () => {
    let now = 1_700_000_000_000;
    const logins: OrgSession[] = [];
    const shared = sharedSession(
      counting(logins, () => now - 3_600_000),
      () => now,
    );
    for (let ms = 0; ms < 10_000; ms += 100, now += 100) await shared.current();
    expect(logins).to.have.length(5);
  });

  const lives: readonly (readonly [number, number])[] = [
    [7_200_000, 7_140_000],
    [100_000, 90_000],
  ];
  for (const [lifeMs, renewedMs] of lives) {
    it(`renews a session of ${lifeMs} ms after ${renewedMs} ms, once for all`, async () => {
      let now = 1_000;
      const logins: OrgSession[] = [];
      const shared = sharedSession(
        counting(logins, () => now + lifeMs),
        () => now,
      );
      const first = await shared.current();
      now += renewedMs - 1;
      expect(await shared.current()).to.equal(first);
      now += 1;
      const renewed = await Promise.all([shared.current(), shared.current()]);
      expect(renewed).to.deep.equal([logins[1], logins[1]]);
      expect(logins).to.have.length(2);
    });
  }

  it('keeps a session whose end nobody knows, however long', async () => {
    let now = 0;
    const logins: OrgSession[] = [];
    const shared = sharedSession(counting(logins), () => now);
    await shared.current();
    now = Number.MAX_SAFE_INTEGER;
    await shared.current();
    expect(logins).to.have.length(1);
  });

  it("refuses a token in JWT format, whoever's login it is from", async () => {
    const accessToken = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln';
    const shared = sharedSession({ open: () => Promise.resolve({ ...GOOD, accessToken }) });
    const error = await shared.current().catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'authentication', reason: 'token-format', retriable: false });
  });
});

/** A login that gives another session each time. */
function counting(logins: OrgSession[], expiresAt?: () => number) {
  return {
    open: () => {
      const session: OrgSession = {
        accessToken: `token ${logins.length}`,
        instanceUrl: 'https://acme.my.salesforce.com',
        organizationId: '00D',
        ...(expiresAt && { expiresAt: expiresAt() }),
      };
      logins.push(session);
      return Promise.resolve(session);
    },
  };
}
