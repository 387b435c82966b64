import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { withEmulator } from '../support/emulated.js';
import type { Leftovers } from './support/leak-process.js';
import { times } from './support/seeded.js';
import { until } from './support/wait-for.js';
import { bundled, localEnvironment } from '../../../../test/support/bundled.js';

const PATIENCE_MS = 240_000;
const SCRIPT = new URL('support/leak-process.ts', import.meta.url);

describe('nothing leaks', function () {
  this.timeout(360_000);

  it('leaves no handle, listener, stream or memory behind, after thousands of subscriptions', () =>
    withEmulator(async (emulator) => {
      for (let index = 0; index < 20; index++) emulator.org.create('Account', { Name: `account ${index}` });
      const { clientId, clientSecret } = emulator.credentials;
      const job = {
        endpoint: emulator.grpcEndpoint,
        ca: emulator.ca,
        loginUrl: emulator.httpUrl,
        clientId,
        clientSecret,
        subscriptions: times(1_000),
      };
      const args = ['--expose-gc', bundled(SCRIPT), JSON.stringify(job)];
      // A process that something keeps alive is asked in the end what that is.
      const options = { timeout: PATIENCE_MS, killSignal: 'SIGTERM', env: localEnvironment() } as const;
      const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
        (error: unknown) => error as { readonly stdout: string },
      );
      if (stdout === '') throw new Error('It has told nothing.');
      const left = JSON.parse(stdout) as Leftovers;
      expect(left.resourcesAfter).to.deep.equal(left.resourcesBefore);
      expect(left.listenersAfter).to.deep.equal(left.listenersBefore);
      expect(left.warnings).to.deep.equal([]);
      // A subscription that stays behind has five times as much, with its window, its demand and its deliveries.
      expect(left.bytesPerSubscription).to.be.below(1_000);
      await until(() => emulator.subscriptions().length === 0);
    }));
});
