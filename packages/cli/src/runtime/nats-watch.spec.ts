import type { NatsConnection } from '@nats-io/transport-node';
import { expect } from 'chai';
import { watchLogin } from './nats-watch.js';

type Status = ReturnType<NatsConnection['status']> extends AsyncIterable<infer S> ? S : never;

const refused = { type: 'error', error: new Error("'Authorization Violation'") } as Status;
const other = { type: 'error', error: new Error('stale connection') } as Status;
const back = { type: 'reconnect', server: 'nats.acme.example:4222' } as Status;

describe('watchLogin', () => {
  let lines: string[];

  beforeEach(() => (lines = []));

  /** Watches a connection that reports this, and then ends: with an error, where there is one. */
  const watch = (statuses: readonly Status[], error?: Error) => {
    // eslint-disable-next-line @typescript-eslint/require-await -- It stands for what the library reports.
    async function* status() {
      yield* statuses;
      if (error) throw error;
    }
    const at = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
    return watchLogin({ status }, 'nats.acme.example:4222', { warn: at('warn'), debug: at('debug') });
  };

  it('warns of a refused login once until there is a connection again', async () => {
    await watch([other, refused, refused, back, refused]);
    const line = "NATS at nats.acme.example:4222 refuses the login, which is tried again: 'Authorization Violation'";
    expect(lines).to.deep.equal([`warn ${line}`, `debug ${line}`, `warn ${line}`]);
  });

  it('ends in peace, when the connection ends with an error', async () => {
    await watch([refused], new Error('the connection is closed'));
    expect(lines).to.have.length(1);
  });

  it('ends in peace, when the connection reports nothing any more', async () => {
    const status = () => {
      throw new Error('the connection is closed');
    };
    await watchLogin({ status }, 'nats.acme.example:4222', { warn: (text) => lines.push(text) });
    expect(lines).to.deep.equal([]);
  });
});
