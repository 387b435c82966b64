import { expect } from 'chai';
import { withEmulator } from '../support/with-emulator.js';
import {
  type Answer,
  authorize,
  authorizeUrl,
  exchange,
  invalid,
  REDIRECT_URI,
  refresh,
  refreshTokenOf,
  token,
  VERIFIER,
} from '../support/http-logins.js';

describe('The web server flow', () => {
  it('lets the app in at once, and changes the code for tokens', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator, { state: 'a b', scope: 'api refresh_token' });
      expect(back.origin + back.pathname).to.equal(REDIRECT_URI);
      expect(back.searchParams.get('state')).to.equal('a b');
      const [status, answer] = await exchange(emulator, back);
      expect(status).to.equal(200);
      expect(answer).to.include({ scope: 'api refresh_token' }).and.include.keys('access_token', 'refresh_token', 'id');
    }));

  it('keeps the query that the callback URL has', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator, { redirect_uri: `${REDIRECT_URI}?tenant=1` });
      expect(back.searchParams.get('tenant')).to.equal('1');
      expect(back.searchParams.get('code')).to.be.a('string');
    }));

  it('gives no refresh token, when nobody asked for it', () =>
    withEmulator({}, async (emulator) => {
      const [, answer] = await exchange(emulator, await authorize(emulator, { scope: 'api' }));
      expect(answer).to.not.have.property('refresh_token');
    }));

  it('works without PKCE, as for older apps', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator, { code_challenge: '' }, ['code_challenge', 'code_challenge_method']);
      expect((await exchange(emulator, back, {}, ['code_verifier']))[0]).to.equal(200);
    }));

  it('takes a code once', () =>
    withEmulator({}, async (emulator) => {
      const back = await authorize(emulator);
      await exchange(emulator, back);
      expect(await exchange(emulator, back)).to.deep.equal([400, invalid('expired authorization code')]);
    }));

  it('takes a code for 15 minutes', async () => {
    let now = 1_000_000_000_000;
    await withEmulator({ now: () => now }, async (emulator) => {
      const [first, second] = [await authorize(emulator), await authorize(emulator)];
      now += 15 * 60_000 - 1;
      expect((await exchange(emulator, first))[0]).to.equal(200);
      now += 1;
      expect(await exchange(emulator, second)).to.deep.equal([400, invalid('expired authorization code')]);
    });
  });

  const refused: readonly (readonly [string, Answer, Answer])[] = [
    ['the code is unknown', { code: 'none' }, invalid('invalid authorization code')],
    ['the verifier is another', { code_verifier: `${VERIFIER}x` }, invalid('invalid code verifier')],
    [
      'the callback URL is another',
      { redirect_uri: 'http://localhost:3000/other' },
      { error: 'redirect_uri_mismatch', error_description: 'redirect_uri must match configuration' },
    ],
    [
      'the secret is wrong',
      { client_secret: 'x' },
      { error: 'invalid_client', error_description: 'invalid client credentials' },
    ],
    [
      'the app is unknown',
      { client_id: 'x' },
      { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    ],
  ];
  for (const [condition, form, expected] of refused) {
    it(`gives no tokens, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        expect(await exchange(emulator, await authorize(emulator), form)).to.deep.equal([400, expected]);
        expect(emulator.faults.logins()).to.equal(0);
      }));
  }

  it('gives no tokens, when the verifier is missing', () =>
    withEmulator({}, async (emulator) => {
      const answer = await exchange(emulator, await authorize(emulator), {}, ['code_verifier']);
      expect(answer).to.deep.equal([400, invalid('invalid code verifier')]);
    }));

  const sentBack: readonly (readonly [string, Answer, string])[] = [
    ['the response type is another', { response_type: 'token' }, 'unsupported_response_type'],
    ['the challenge is plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ];
  for (const [condition, query, error] of sentBack) {
    it(`sends the user back with ${error}, when ${condition}`, () =>
      withEmulator({}, async (emulator) => {
        const { searchParams } = await authorize(emulator, { ...query, state: 's' });
        expect(Object.fromEntries(searchParams)).to.include({ error, state: 's' }).and.not.have.key('code');
      }));
  }

  it('sends the user back with the refusal, when one was planned', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.refuseLogins(1, { error: 'access_denied', description: 'end-user denied authorization' });
      const { searchParams } = await authorize(emulator);
      expect(Object.fromEntries(searchParams)).to.include({ error: 'access_denied' });
    }));

  for (const [what, query] of [
    ['an app that nobody knows', { client_id: 'x' }],
    ['a callback URL elsewhere', { redirect_uri: 'https://elsewhere.example/callback' }],
    ['a callback URL that is none', { redirect_uri: '/callback' }],
  ] as const) {
    it(`redirects nobody for ${what}`, () =>
      withEmulator({}, async (emulator) => {
        const response = await fetch(authorizeUrl(emulator, query), { redirect: 'manual' });
        expect([response.status, response.headers.get('location')]).to.deep.equal([400, null]);
      }));
  }
});

describe('The refresh token grant', () => {
  it('gives a session each time, and no other refresh token', () =>
    withEmulator({}, async (emulator) => {
      const refresh_token = await refreshTokenOf(emulator);
      const [[, first], [, second]] = [await refresh(emulator, refresh_token), await refresh(emulator, refresh_token)];
      expect(first.access_token).to.not.equal(second.access_token);
      expect(second).to.not.have.property('refresh_token');
    }));

  it('replaces the refresh token at each use, when told so', () =>
    withEmulator({ rotateRefreshTokens: true }, async (emulator) => {
      const first = await refreshTokenOf(emulator);
      const [, { refresh_token: second = '' }] = await refresh(emulator, first);
      expect(second).to.not.equal(first);
      expect(await refresh(emulator, first)).to.deep.equal([400, invalid('expired access/refresh token')]);
      expect((await refresh(emulator, second))[0]).to.equal(200);
    }));

  it('needs no secret, but no wrong one', () =>
    withEmulator({}, async (emulator) => {
      const refresh_token = await refreshTokenOf(emulator);
      expect((await refresh(emulator, refresh_token, ['client_secret']))[0]).to.equal(200);
      const form = { grant_type: 'refresh_token', refresh_token, client_id: emulator.credentials.clientId };
      expect((await token(emulator, { ...form, client_secret: 'x' }))[0]).to.equal(400);
    }));
});
