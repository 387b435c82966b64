import { clientCredentials, createClient, type ClientOptions, type PubSubClient } from '@rxforce/core';
import { startEmulator, type Emulator, type EmulatorOptions } from '@rxforce/emulator';

/** A client, logged in to an emulator of its own over TLS. */
export function clientOf(emulator: Emulator, options: Partial<ClientOptions> = {}): PubSubClient {
  return createClient({
    auth: clientCredentials({ loginUrl: emulator.httpUrl, ...emulator.credentials }),
    endpoint: emulator.grpcEndpoint,
    ...(emulator.ca === undefined ? { insecure: true } : { tls: { ca: emulator.ca } }),
    ...options,
  });
}

/** Runs a test with an emulator and a client of it, and ends both. */
export async function withEmulator(
  test: (emulator: Emulator, client: PubSubClient) => Promise<void>,
  options: EmulatorOptions = {},
): Promise<void> {
  const emulator = await startEmulator({ seed: 1, ...options });
  const client = clientOf(emulator);
  try {
    await test(emulator, client);
  } finally {
    client.close();
    await emulator.stop();
  }
}

/** Runs a test with an emulator whose login endpoints speak HTTPS, and ends it. */
export async function withHttps(
  test: (emulator: Emulator) => Promise<void>,
  options: EmulatorOptions = {},
): Promise<void> {
  const emulator = await startEmulator({ https: true, ...options });
  try {
    await test(emulator);
  } finally {
    await emulator.stop();
  }
}

/** What a login at an emulator takes, of whatever flow. */
export function loginOf({ httpUrl, ca, credentials }: Emulator) {
  return { loginUrl: httpUrl, ca: ca!, ...credentials };
}
