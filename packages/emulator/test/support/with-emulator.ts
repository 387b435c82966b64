import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/index.js';
import { RawClient } from './raw-client.js';

/** Runs a test against an emulator of its own on free ports, in plaintext unless it says otherwise. */
export async function withEmulator(
  options: EmulatorOptions,
  test: (emulator: Emulator, client: RawClient) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({ tls: false, seed: 1, ...options });
  const client = new RawClient(emulator);
  try {
    await test(emulator, client);
  } finally {
    client.close();
    await emulator.stop();
  }
}
