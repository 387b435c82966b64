import { Writable } from 'node:stream';
import { expect } from 'chai';
import pino from 'pino';
import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { createClient, logStatus, type ClientOptions, type Logger } from '@rxforce/core';
import { clientOf, withEmulator } from '../support/emulated.js';

/** Reads two changes with a client of these options, and gives what must be in no line. */
async function readTwo(options: Partial<ClientOptions>): Promise<readonly string[]> {
  let secrets: readonly string[] = [];
  await withEmulator(async (emulator) => {
    const client = clientOf(emulator, options);
    emulator.org.create('Account', { Name: 'Confidential Ltd.', Phone: '555-0100' });
    emulator.org.create('Account', { Name: 'Confidential Ltd.', Phone: '555-0100' });
    await lastValueFrom(client.changes('Account', { replay: 'earliest' }).pipe(take(2), toArray()));
    await client.drain();
    const { clientId, clientSecret } = emulator.credentials;
    secrets = ['Confidential', '555-0100', clientSecret, clientId];
  });
  return secrets;
}

describe('A logger', () => {
  it('may be pino as it is: lines with fields at each level', async () => {
    const lines: Record<string, unknown>[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
        done();
      },
    });
    const logger: Logger = pino({ level: 'debug' }, stream);
    await readTwo({ logger, logLevel: 'debug' });
    const types = lines.map(({ type }) => type);
    expect(types).to.include.members(['login', 'connecting', 'connected', 'live', 'received', 'event', 'closed']);
    const event = lines.find(({ type }) => type === 'event')!;
    expect(event).to.include({
      level: 20,
      entity: 'Account',
      changeType: 'CREATE',
      msg: '/data/AccountChangeEvent: event',
    });
    expect(event.recordIds).to.match(/./);
    expect(lines.find(({ type }) => type === 'live')).to.include({ level: 30, subscription: 1 });
  });

  it('gets no value of a record and no secret, whatever is logged', async () => {
    const text: string[] = [];
    const write = (...line: unknown[]) => void text.push(JSON.stringify(line));
    const secrets = await readTwo({
      logger: { debug: write, info: write, warn: write, error: write },
      logLevel: 'debug',
    });
    expect(text.length).to.be.greaterThan(8);
    for (const secret of secrets) expect(text.join('\n')).not.to.include(secret);
    expect(text.join('\n')).not.to.match(/bearer|access_?token|00D\w{12,15}!/i);
  });

  it('gets warnings alone, unless it is told otherwise', async () => {
    const lines: string[] = [];
    const never = () => expect.fail('asked for more than warnings');
    const logger: Logger = { warn: (message) => lines.push(message), info: never, debug: never };
    await readTwo({ logger });
    expect(lines).to.deep.equal([]);
  });

  it('gets what went wrong for good, at the level of errors', () =>
    withEmulator(async (emulator) => {
      const lines: string[] = [];
      const warn = () => expect.fail('asked for more than errors');
      const logger: Logger = { warn, error: (message) => lines.push(message) };
      const client = clientOf(emulator, { logger, logLevel: 'error' });
      const ended = firstValueFrom(client.status$.pipe(filter(({ type }) => type === 'closed')));
      const error = await firstValueFrom(client.changes('Nothing__c')).catch((thrown: unknown) => thrown);
      await ended;
      expect(lines).to.deep.equal([`/data/Nothing__ChangeEvent: closed with an error: ${(error as Error).message}`]);
      client.close();
    }));

  it('may be the console', () =>
    withEmulator(async (_emulator, client) => {
      const logged = logStatus(client.status$, console, 'error');
      await firstValueFrom(client.topic('Account'));
      client.close();
      expect(logged.closed).to.equal(true);
    }));

  it('must have the functions that its level needs', () => {
    const auth = { open: () => Promise.reject(new Error('never')) };
    const logger = { warn: () => undefined };
    expect(() => createClient({ auth, logger, logLevel: 'info' })).to.throw(
      "logLevel is 'info', but the logger has no function info(message, fields).",
    );
  });
});
