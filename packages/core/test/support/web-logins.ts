import { expect } from 'chai';
import { Agent, request } from 'undici';
import type { AuthenticationError, OrgSession, SessionProvider } from '@rxforce/core';
import type { Emulator } from '@rxforce/emulator';
import { webServerFlow, type WebLogin, type WebServerFlow } from '../../src/login/web-server-flow.js';
import { loginOf } from './emulated.js';

/** Where the browser is sent back to. */
export const REDIRECT_URI = 'http://localhost:3000/oauth/callback';

/** The flow of an emulator. */
export function flowOf(emulator: Emulator, options: object = {}): WebServerFlow {
  return webServerFlow({ ...loginOf(emulator), redirectUri: REDIRECT_URI, ...options });
}

/** What a user's browser does: it goes where it is sent, and is sent back. */
export async function approve({ httpUrl, ca }: Emulator, url: string): Promise<URL> {
  expect(url.startsWith(httpUrl)).to.equal(true);
  const dispatcher = new Agent({ connect: { ca: ca! } });
  const { statusCode, headers } = await request(url, { dispatcher });
  await dispatcher.close();
  expect(statusCode).to.equal(302);
  return new URL(String(headers.location));
}

/** Logs in as a browser does, from the URL to the callback. */
export async function logInByBrowser(emulator: Emulator, options: object = {}): Promise<WebLogin> {
  const flow = flowOf(emulator, options);
  const { url, pending } = await flow.authorizationUrl();
  return flow.callback(await approve(emulator, url), pending);
}

/** What a login is refused with. */
export function errorOf(auth: SessionProvider): Promise<AuthenticationError> {
  return rejection(auth.open());
}

/** What a promise rejects with. */
export async function rejection(promise: Promise<OrgSession | WebLogin>): Promise<AuthenticationError> {
  try {
    await promise;
  } catch (error) {
    return error as AuthenticationError;
  }
  throw new Error('It was not refused.');
}
