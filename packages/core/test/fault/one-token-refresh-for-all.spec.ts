import { expect } from 'chai';
import type { RxforceError } from '@rxforce/core';
import { withEmulator } from '../support/emulated.js';
import { until } from './support/wait-for.js';

const SUBSCRIPTIONS = 20;

describe('one token refresh for all', () => {
  it('logs in once when the session of many subscriptions expires, and all go on', () =>
    withEmulator(async (emulator, client) => {
      const received = Array.from({ length: SUBSCRIPTIONS }, (): string[] => []);
      const errors: unknown[] = [];
      received.forEach((ids) =>
        client.changes('Account', { replay: 'earliest' }).subscribe({
          next: ({ id }) => ids.push(id),
          error: (error: unknown) => errors.push(error),
        }),
      );
      for (let logins = 1; logins <= 4; logins++) {
        emulator.org.create('Account', { Name: `login ${logins}` });
        await until(() => received.every((ids) => ids.length === logins));
        expect(emulator.faults.logins()).to.equal(logins);
        emulator.faults.expireSessions({ cutExpired: true });
      }
      expect(errors).to.deep.equal([]);
      const log = emulator.log('/data/AccountChangeEvent').map(({ id }) => id);
      received.forEach((ids) => expect(ids).to.deep.equal(log));
    }));

  it('lets streams that live go on, and asks for topics and schemas with a new session', () =>
    withEmulator(async (emulator, client) => {
      const ids: string[] = [];
      client.changes('Account', { replay: 'earliest' }).subscribe(({ id }) => ids.push(id));
      emulator.org.create('Account', { Name: 'first' });
      await until(() => ids.length === 1);
      emulator.faults.expireSessions();
      emulator.faults.switchSchema('Account');
      emulator.org.create('Account', { Name: 'with a schema that must be fetched' });
      await until(() => ids.length === 2);
      expect(emulator.faults.logins()).to.equal(2);
      expect(emulator.subscriptions()).to.have.length(1);
    }));

  it('ends with a typed error when the login is refused, and tries no password twice', () =>
    withEmulator(async (emulator, client) => {
      const errors: RxforceError[] = [];
      const ids: string[] = [];
      client.changes('Account', { replay: 'earliest' }).subscribe({
        next: ({ id }) => ids.push(id),
        error: (error: unknown) => errors.push(error as RxforceError),
      });
      emulator.org.create('Account', { Name: 'first' });
      await until(() => ids.length === 1);
      emulator.faults.refuseLogins(1);
      emulator.faults.expireSessions({ cutExpired: true });
      await until(() => errors.length === 1);
      expect(errors[0]).to.include({ code: 'authentication', retriable: false });
      expect(emulator.faults.logins()).to.equal(1);
    }));
});
