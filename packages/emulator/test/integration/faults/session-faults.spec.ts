import { status } from '@grpc/grpc-js';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import type { Emulator } from '../../../src/index.js';
import { liveStream, TOPIC } from '../../support/live-stream.js';
import { RawClient, trailersOf } from '../../support/raw-client.js';
import { withEmulator } from '../../support/with-emulator.js';

const AUTH_ERROR = 'sfdc.platform.eventbus.grpc.service.auth.error';

describe('expireSessions', () => {
  it('refuses the access tokens so far, and leaves live streams', () =>
    withEmulator({}, async (emulator, client) => {
      const { access_token: before } = (await login(emulator)).answer;
      const stream = await liveStream(emulator, client);
      emulator.faults.expireSessions();
      for (const accesstoken of [emulator.credentials.accessToken, before!]) {
        const expired = new RawClient(emulator, { accesstoken });
        const error = await expired.fail('GetTopic', { topicName: TOPIC });
        expect(error.code).to.equal(status.UNAUTHENTICATED);
        expect(trailersOf(error)['error-code']).to.equal(AUTH_ERROR);
        expect(await expired.open().status).to.include({ code: status.UNAUTHENTICATED });
        expired.close();
      }
      emulator.org.create('Account', { Name: 'a' });
      expect((await stream.next()).events).to.have.length(1);
      const { access_token: after } = (await login(emulator)).answer;
      const renewed = new RawClient(emulator, { accesstoken: after! });
      await renewed.call('GetTopic', { topicName: TOPIC });
      renewed.close();
    }));

  it('ends live streams too, when it is told to', () =>
    withEmulator({}, async (emulator, client) => {
      const stream = await liveStream(emulator, client);
      emulator.faults.expireSessions({ cutExpired: true });
      const ended = await stream.status;
      expect(ended.code).to.equal(status.UNAUTHENTICATED);
      expect(trailersOf(ended)['error-code']).to.equal(AUTH_ERROR);
    }));
});

describe('refuseLogins', () => {
  it('refuses as many logins as was said, and counts those that succeed', () =>
    withEmulator({}, async (emulator) => {
      const { faults } = emulator;
      expect(faults.logins()).to.equal(0);
      await login(emulator);
      faults.refuseLogins(2);
      faults.refuseLogins(1, { status: 503, error: 'server_error', description: 'Try again.' });
      const refused = { status: 400, answer: { error: 'invalid_grant', error_description: 'authentication failure' } };
      expect(await login(emulator)).to.deep.equal(refused);
      expect(await login(emulator)).to.deep.equal(refused);
      expect(await login(emulator)).to.deep.equal({
        status: 503,
        answer: { error: 'server_error', error_description: 'Try again.' },
      });
      expect(await login(emulator)).to.include({ status: 200 });
      expect(faults.logins()).to.equal(2);
    }));

  it('refuses one, when nothing is said', () =>
    withEmulator({}, async (emulator) => {
      emulator.faults.refuseLogins();
      expect(await login(emulator)).to.include({ status: 400 });
      expect(await login(emulator)).to.include({ status: 200 });
    }));
});

describe('A fault of sessions', () => {
  it('throws a ConfigurationError and does nothing, when its options are not valid', () =>
    withEmulator({}, async (emulator) => {
      const { faults } = emulator;
      const wrong: readonly (readonly [() => unknown, string])[] = [
        [() => faults.expireSessions({ cutExpired: 'yes' as never }), 'cutExpired takes true or false'],
        [() => faults.refuseLogins(0), 'refuseLogins: times is 0, but must be a whole number at least 1'],
        [() => faults.refuseLogins(1.5), 'refuseLogins: times is 1.5, but must be'],
        [() => faults.refuseLogins(1, { status: 200 }), 'status is 200, but must be a whole number from 400 to 599'],
      ];
      for (const [order, message] of wrong) {
        expect(order).to.throw(ConfigurationError, message);
      }
      expect(await login(emulator)).to.include({ status: 200 });
    }));
});

async function login({
  httpUrl,
  credentials,
}: Emulator): Promise<{ status: number; answer: Record<string, string | undefined> }> {
  const response = await fetch(`${httpUrl}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    }),
  });
  return { status: response.status, answer: (await response.json()) as Record<string, string> };
}
