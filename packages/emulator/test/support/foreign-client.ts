import { readFileSync } from 'node:fs';
import PubSubApiClient from 'salesforce-pubsub-api-client';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/index.js';
import { until } from './until.js';

/** The other client's configuration. */
type Configuration = ConstructorParameters<typeof PubSubApiClient>[0];

/** How a client of that kind logs in. */
export type ForeignLogin = (emulator: Emulator) => object;

/** The ways to log in that its README names. */
export const FOREIGN_LOGINS = {
  'user-supplied authentication': ({ credentials: { accessToken, instanceUrl, organizationId } }) => ({
    authType: 'user-supplied',
    accessToken,
    // It insists on https here, although it connects to this address for managed subscriptions alone.
    instanceUrl: instanceUrl.replace('http:', 'https:'),
    organizationId,
  }),
  'the username and password flow': ({ httpUrl, credentials: { username, password, securityToken } }) => ({
    authType: 'username-password',
    loginUrl: httpUrl,
    username,
    password,
    userToken: securityToken,
  }),
  'the client credentials flow': ({ httpUrl, credentials: { clientId, clientSecret } }) => ({
    authType: 'oauth-client-credentials',
    loginUrl: httpUrl,
    clientId,
    clientSecret,
  }),
  'the JWT bearer flow': ({ httpUrl, credentials: { clientId, username, privateKeyPath } }) => ({
    authType: 'oauth-jwt-bearer',
    loginUrl: httpUrl,
    clientId,
    username,
    privateKey: readFileSync(privateKeyPath),
  }),
} as const satisfies Record<string, ForeignLogin>;

/** Its event: its own shape, where fields are named already. */
export interface ForeignEvent {
  readonly id: string;
  readonly replayId: number;
  readonly payload: Record<string, unknown> & { readonly ChangeEventHeader: ForeignHeader };
}

interface ForeignHeader {
  readonly entityName: string;
  readonly changeType: string;
  readonly recordIds: string[];
  readonly changedFields: string[];
  readonly nulledFields: string[];
  readonly commitNumber: bigint;
}

/** What it tells about a subscription. */
export interface ForeignInfo {
  readonly isManaged: boolean;
  readonly topicName: string;
  readonly subscriptionId?: string;
  readonly subscriptionName?: string;
  readonly requestedEventCount: number;
  readonly receivedEventCount: number;
  readonly lastReplayId: number | null;
}

type Callback = (info: unknown, type: string, data: unknown) => void;

/** What it was called back with, in order. */
export class Calls {
  readonly types: string[] = [];
  readonly events: ForeignEvent[] = [];
  /** What came with each type, the last one. */
  readonly last = new Map<string, unknown>();
  info: ForeignInfo | undefined;
  private readonly react: ((type: string, calls: Calls) => void) | undefined;

  /** @param react - Called behind each callback. */
  constructor(react?: (type: string, calls: Calls) => void) {
    this.react = react;
  }

  /** To be passed to the client. */
  readonly callback: Callback = (info, type, data) => {
    this.types.push(type);
    this.info = structuredClone(info) as ForeignInfo;
    this.last.set(type, data);
    if (type === 'event') this.events.push(data as ForeignEvent);
    this.react?.(type, this);
  };

  /** Waits until it was called back so many times with a type. */
  until(type: string, times = 1): Promise<void> {
    return until(() => this.types.filter((each) => each === type).length >= times);
  }
}

/**
 * Runs a test with a client of that kind. All streams are ended before the client closes: its `close()` takes all
 * listeners off a stream that goes on, whose next error then ends the process.
 */
export async function withForeignClient(
  login: ForeignLogin,
  test: (client: PubSubApiClient, emulator: Emulator) => Promise<void>,
  options: EmulatorOptions = {},
): Promise<void> {
  const emulator = await startEmulator(options);
  const client = foreignClient(emulator, login);
  try {
    await client.connect();
    await test(client, emulator);
  } finally {
    emulator.faults.endStreams();
    client.close();
    await emulator.stop();
  }
}

/** Another client of that kind, to be connected and closed by the test. */
export function foreignClient(emulator: Emulator, login: ForeignLogin): PubSubApiClient {
  const configuration = {
    ...login(emulator),
    pubSubEndpoint: emulator.grpcEndpoint,
    rejectUnauthorizedSsl: false,
  } as Configuration;
  return new PubSubApiClient(configuration, { debug: ignore, info: ignore, warn: ignore, error: ignore });
}

function ignore(): void {
  // Quiet.
}
