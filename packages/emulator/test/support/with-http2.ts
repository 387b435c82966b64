import type { Emulator, EmulatorOptions } from '../../src/index.js';
import { Http2Client } from './http2-client.js';
import type { RawClient } from './raw-client.js';
import { withEmulator } from './with-emulator.js';

/** Runs a test against an emulator of its own, with a client that shows the HTTP/2 connection. */
export function withHttp2(
  options: EmulatorOptions,
  test: (emulator: Emulator, http2: Http2Client, client: RawClient) => Promise<void>,
): Promise<void> {
  return withEmulator(options, async (emulator, client) => {
    const http2 = new Http2Client(emulator);
    try {
      await test(emulator, http2, client);
    } finally {
      http2.close();
    }
  });
}
