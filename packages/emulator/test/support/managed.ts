import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import type { Emulator, ManagedSubscription } from '../../src/index.js';
import { TOPIC } from './live-stream.js';
import type { RawClient, RawStream } from './raw-client.js';
import type { WireManagedFetchRequest, WireManagedFetchResponse } from '@rxforce/core/internal';

/** A stream of ManagedSubscribe. */
export type ManagedStream = RawStream<Partial<WireManagedFetchRequest>, WireManagedFetchResponse>;

/** A managed subscription on the topic most tests use, from the earliest event on. */
export function accountSubscription(emulator: Emulator): ManagedSubscription {
  return emulator.managedSubscriptions.create('Accounts', { topicName: TOPIC, defaultReplay: 'EARLIEST' });
}

/** Opens a stream of `Accounts` that asks for some events. */
export function openAccounts(client: RawClient, numRequested = 5): ManagedStream {
  return client.openManaged().request({ developerName: 'Accounts', numRequested });
}

/** Asks to commit a position, and gives the answer. */
export async function commit(
  stream: ManagedStream,
  replayId: Buffer,
  commitRequestId = 'commit-1',
): Promise<NonNullable<WireManagedFetchResponse['commitResponse']>> {
  stream.request({ commitReplayIdRequest: { commitRequestId, replayId } });
  for (;;) {
    const { commitResponse } = await stream.next();
    if (commitResponse !== null) return commitResponse;
  }
}

/** Makes some change events on the topic of `Accounts`. */
export function createAccounts({ org }: Emulator, count: number): void {
  for (let index = 0; index < count; index++) {
    org.create('Account', { Name: `Account ${index}` });
  }
}

/** Ends the client's side, and waits for the end of the server's. */
export async function closed(stream: ManagedStream): Promise<void> {
  stream.stream.end();
  expect(await stream.status).to.include({ code: status.OK });
}
