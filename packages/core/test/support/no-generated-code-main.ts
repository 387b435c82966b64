import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { clientCredentials, createClient, type ClientCredentialsOptions } from '@rxforce/core';
import { startEmulator } from '@rxforce/emulator';
import { handle } from '@rxforce/operators';

/** Where the org is, and how to log in to it. */
export interface NoGeneratedCodeTask {
  readonly endpoint: string;
  readonly auth: ClientCredentialsOptions;
  readonly topic: string;
  readonly data: Record<string, unknown>;
}

/** What became of it. */
export interface NoGeneratedCodeReport {
  readonly changes: readonly { readonly header: Record<string, unknown>; readonly data: Record<string, unknown> }[];
  readonly published: boolean;
}

const { endpoint, auth, topic, data } = JSON.parse(process.argv[2] ?? '') as NoGeneratedCodeTask;
const client = createClient({ auth: clientCredentials(auth), endpoint, insecure: true });
const changes$ = client.changes('Account', { replay: 'earliest' });
const changes = await lastValueFrom(
  changes$.pipe(
    handle((event) => [event]),
    take(2),
    toArray(),
  ),
);
const published = await firstValueFrom(client.publish(topic, { data }));
// The other side of the protocol, too.
const emulator = await startEmulator({ seed: 1, tls: false });
await emulator.stop();
const report = JSON.stringify({ changes, published: published.ok });
process.send!(report, () => {
  client.close();
  process.disconnect();
});
