import type { ClientState, Status } from '@rxforce/core';
import type { LiveClient } from '@rxforce/live-page';
import { map } from 'rxjs';
import { inSettings } from '../config/setting-words.js';

/** The same client for the live page: the errors that it reports name settings. */
export function clientInSettings(client: LiveClient): LiveClient {
  const lag = client.lag?.bind(client);
  return {
    status$: client.status$.pipe(map((status) => causeInSettings<Status>(status))),
    state: () => stateInSettings(client.state()),
    ...(lag && { lag }),
  };
}

function stateInSettings({ login, subscriptions, ...state }: ClientState): ClientState {
  return {
    ...state,
    login: login && causeInSettings(login),
    subscriptions: subscriptions.map((each) => causeInSettings(each)),
  };
}

/** An error stays one of its kind, with its fields. */
function causeInSettings<T extends object>(of: T): T {
  const { cause } = of as { readonly cause?: unknown };
  if (!(cause instanceof Error)) return of;
  const message = inSettings(cause.message);
  if (message === cause.message) return of;
  return { ...of, cause: Object.create(cause, { message: { value: message } }) as Error };
}
