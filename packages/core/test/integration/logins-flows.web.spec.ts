import { inspect } from 'node:util';
import { expect } from 'chai';
import { webServerFlow, type PendingLogin } from '../../src/login/web-server-flow.js';
import { withHttps } from '../support/emulated.js';
import { approve, errorOf, flowOf, logInByBrowser, REDIRECT_URI, rejection } from '../support/web-logins.js';

describe('webServerFlow', () => {
  it('asks for the scopes, prompt and user that it is told, with a new state and challenge each time', async () => {
    const flow = webServerFlow({ clientId: 'app', redirectUri: REDIRECT_URI, scopes: ['api', 'id', 'refresh_token'] });
    const { url, pending } = await flow.authorizationUrl({ prompt: 'login consent', loginHint: 'ann@acme.example' });
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).to.equal('https://login.salesforce.com/services/oauth2/authorize');
    expect(Object.fromEntries(searchParams)).to.include({
      response_type: 'code',
      client_id: 'app',
      redirect_uri: REDIRECT_URI,
      scope: 'api id refresh_token',
      prompt: 'login consent',
      login_hint: 'ann@acme.example',
      state: pending.state,
      code_challenge_method: 'S256',
    });
    expect(url).to.not.include(pending.codeVerifier);
    const again = await flow.authorizationUrl();
    expect(again.pending.state).to.not.equal(pending.state);
    expect(again.pending.codeVerifier).to.not.equal(pending.codeVerifier);
  });

  it('takes the callback as a path, as servers have it', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const { pathname, search } = await approve(emulator, url);
      const { session } = await flow.callback(pathname + search, JSON.parse(JSON.stringify(pending)) as PendingLogin);
      expect(session.organizationId).to.equal(emulator.credentials.organizationId);
    }));

  it('uses the session that it has before it asks for another', () =>
    withHttps(async (emulator) => {
      const { auth, session } = await logInByBrowser(emulator);
      expect(await auth.open()).to.equal(session);
      expect(emulator.faults.logins()).to.equal(1);
      expect((await auth.open()).accessToken).to.not.equal(session.accessToken);
    }));

  it('gives a session that cannot be renewed, when the app does not ask for a refresh token', () =>
    withHttps(async (emulator) => {
      const login = await logInByBrowser(emulator, { scopes: ['api'] });
      expect(login.refreshToken).to.equal(undefined);
      await login.auth.open();
      expect(await errorOf(login.auth)).to.include({ code: 'authentication', reason: 'not-renewable' });
    }));

  const mixedUp: readonly (readonly [string, (url: URL) => void])[] = [
    ['another state', (url) => url.searchParams.set('state', 'of-somebody-else')],
    ['no state', (url) => url.searchParams.delete('state')],
    ['no code', (url) => url.searchParams.delete('code')],
  ];
  for (const [what, change] of mixedUp) {
    it(`refuses a callback with ${what}, and asks for no token`, () =>
      withHttps(async (emulator) => {
        const flow = flowOf(emulator);
        const { url, pending } = await flow.authorizationUrl();
        const callback = await approve(emulator, url);
        change(callback);
        const error = await rejection(flow.callback(callback, pending));
        expect(error).to.include({ code: 'authentication', reason: 'callback-mismatch', retriable: false });
        expect(emulator.faults.logins()).to.equal(0);
      }));
  }

  it('refuses a callback whose URL is none, and does not show it', async () => {
    const flow = webServerFlow({ clientId: 'app', redirectUri: REDIRECT_URI });
    const { pending } = await flow.authorizationUrl();
    const error = await rejection(flow.callback(`//?code=c0de&state=${pending.state}`, pending));
    expect(error).to.include({ code: 'authentication', reason: 'callback-mismatch', retriable: false });
    expect(inspect(error)).to.not.include('c0de');
  });

  it('refuses a callback for which nothing was kept', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url } = await flow.authorizationUrl();
      const error = await rejection(flow.callback(await approve(emulator, url), undefined));
      expect(error).to.include({ reason: 'callback-mismatch' });
    }));

  it('is refused with the verifier of another login', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const { codeVerifier } = (await flow.authorizationUrl()).pending;
      const error = await rejection(flow.callback(await approve(emulator, url), { ...pending, codeVerifier }));
      expect(error).to.include({ reason: 'callback-mismatch' });
    }));

  it('is refused with a code that was used', () =>
    withHttps(async (emulator) => {
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const callback = await approve(emulator, url);
      await flow.callback(callback, pending);
      expect(await rejection(flow.callback(callback, pending))).to.include({ reason: 'grant-expired' });
    }));

  it('says so, when the user refused', () =>
    withHttps(async (emulator) => {
      emulator.faults.refuseLogins(1, { error: 'access_denied', description: 'end-user denied authorization' });
      const flow = flowOf(emulator);
      const { url, pending } = await flow.authorizationUrl();
      const error = await rejection(flow.callback(await approve(emulator, url), pending));
      expect(error).to.include({ code: 'authentication', reason: 'denied', retriable: false });
      expect(error.message).to.include('end-user denied authorization');
    }));
});
