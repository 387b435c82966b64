import { LONGEST_TIMER_MS } from '@rxforce/core/internal';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultContext } from './fault-context.js';
import { type Checks, flag, oneOf, optional, readOptions, wholeNumber } from '../model/option-checks.js';

/** How a server is restarted. */
export interface RestartOptions {
  /**
   * How long the server is down, in milliseconds; at least 0.
   *
   * @defaultValue 0
   */
  readonly downMs?: number;
}

/** Which connections fall silent, and for how long. */
export interface SilenceOptions {
  /**
   * The time until `unsilence()` is called automatically, in milliseconds; at least 1.
   *
   * @defaultValue Never.
   */
  readonly forMs?: number;
  /**
   * Whether HTTP/2 pings are still answered. Otherwise the server does not even read what clients send, including the
   * hello of a new connection when `scope` is `all`.
   *
   * @defaultValue true
   */
  readonly pings?: boolean;
  /**
   * `existing`: only the current connections, so a client that makes a new one is served. `all`: new ones too.
   *
   * @defaultValue 'existing'
   */
  readonly scope?: 'existing' | 'all';
}

/** Faults of the gRPC server and its connections. All throw a `ConfigurationError` for options that are not valid. */
export interface ServerFaults {
  /** Cuts all connections of the gRPC server without a goodbye and frees its port. The log stays as it is. */
  stopServer(): Promise<void>;
  /**
   * Lets the gRPC server listen again: same port, same certificate, same log. Rejects with a `ConfigurationError` when
   * another process has taken the port, or the emulator was stopped.
   */
  startServer(): Promise<void>;
  /** `stopServer()`, then `startServer()` after a while. */
  restartServer(options?: RestartOptions): Promise<void>;
  /**
   * Asks all clients by HTTP/2 GOAWAY (NO_ERROR) to make no new calls on their connections, like a load balancer before
   * its replacement. Live streams continue until they end; `dropStreams()` cuts them. A connection closes with its last
   * stream.
   */
  goAway(): void;
  /**
   * Makes connections half-open: they stay, but the server sends nothing on them any more. Live streams get no events,
   * no keepalives, no errors and no end, whatever they ask. The same holds for new calls on these connections until
   * `unsilence()`. The streams disappear from `subscriptions()`, and the faults of streams do not affect them.
   */
  silence(options?: SilenceOptions): void;
  /** Serves new calls on all connections again. Silenced streams stay silent. */
  unsilence(): void;
}

const RESTART_OPTIONS: Checks<RestartOptions> = { downMs: optional(wholeNumber(0, LONGEST_TIMER_MS)) };

const SILENCE_OPTIONS: Checks<SilenceOptions> = {
  forMs: optional(wholeNumber(1, LONGEST_TIMER_MS)),
  pings: optional(flag),
  scope: optional(oneOf(['existing', 'all'])),
};

/** Makes the faults of the server. */
export function serverFaults({ server, stopping }: FaultContext): ServerFaults {
  let unsilenceTimer: NodeJS.Timeout | undefined;
  stopping.addEventListener('abort', () => clearTimeout(unsilenceTimer));
  const unsilence = (): void => {
    clearTimeout(unsilenceTimer);
    server.unsilence();
  };
  return {
    stopServer: () => server.stop(),
    startServer: () => server.start(),
    restartServer: async (options = {}) => {
      const { downMs = 0 } = readOptions('restartServer', options, RESTART_OPTIONS);
      await server.stop();
      if (downMs > 0) await delay(downMs, undefined, { signal: stopping }).catch(() => undefined);
      if (!stopping.aborted) await server.start();
    },
    goAway: () => server.goAway(),
    silence: (options = {}) => {
      const { forMs, pings = true, scope = 'existing' } = readOptions('silence', options, SILENCE_OPTIONS);
      clearTimeout(unsilenceTimer);
      server.silence({ scope, pings });
      if (forMs !== undefined && !stopping.aborted) unsilenceTimer = setTimeout(unsilence, forMs);
    },
    unsilence,
  };
}
