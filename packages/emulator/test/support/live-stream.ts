import type { WireFetchRequest } from '@rxforce/core/codec';
import type { Emulator } from '../../src/index.js';
import type { RawClient, RawStream } from './raw-client.js';
import { until } from './until.js';

/** The topic most tests use. */
export const TOPIC = '/data/AccountChangeEvent';

/** Opens a stream that asks for some events, and waits until the emulator has heard it. */
export async function liveStream(
  emulator: Emulator,
  client: RawClient,
  request: Partial<WireFetchRequest> = {},
): Promise<RawStream> {
  const before = emulator.subscriptions().length;
  const stream = client.open().request({ topicName: TOPIC, numRequested: 5, ...request });
  await until(() => emulator.subscriptions().filter(({ requested }) => requested > 0).length > before);
  return stream;
}
