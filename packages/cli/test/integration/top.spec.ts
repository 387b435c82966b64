import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { livePage, type LiveClient, type LivePage } from '@rxforce/live-page';
import { expect } from 'chai';
import { NEVER } from 'rxjs';
import { runCommand } from '../../src/command/program.js';

const client: LiveClient = {
  status$: NEVER,
  state: () => ({ at: 0, state: 'open', login: undefined, apiUsage: undefined, subscriptions: [] }),
};

describe('rxforce top in a terminal', () => {
  let page: LivePage;
  beforeEach(async () => (page = await livePage(client, { port: 0 })));
  afterEach(() => page.close());

  /** The command, with a terminal for standard output. */
  const started = (...args: readonly string[]) => {
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows: 20 });
    const stderr = new PassThrough();
    const written = { text: '', changed: new EventEmitter(), error: '' };
    stdout.on('data', (chunk: Buffer) => {
      written.text += chunk.toString();
      written.changed.emit('change');
    });
    stderr.on('data', (chunk: Buffer) => (written.error += chunk.toString()));
    let end: () => void = () => undefined;
    const code = runCommand({
      ...{ args: ['top', ...args], environment: { NO_COLOR: '1' }, stdin: new PassThrough(), stdout, stderr },
      onSignal: (ended) => {
        end = ended;
        return () => undefined;
      },
      onReopen: () => () => undefined,
      exitNow: () => undefined,
    });
    const until = async (isThere: (text: string) => boolean) => {
      while (!isThere(written.text)) await once(written.changed, 'change');
    };
    return { code, written, until, end: () => end() };
  };

  it('draws the table again and again, and ends at a signal', async () => {
    const { until, end, code } = started('--url', page.url);
    await until((text) => text.split('\u001b[H\u001b[2J').length > 3);
    end();
    expect(await code).to.equal(0);
  });

  it('does not leave the screen, when there are more subscriptions than lines', async () => {
    await page.close();
    const subscriptions = Array.from({ length: 40 }, (_, index) => ({
      ...{
        topic: `/data/A${index + 10}`,
        subscription: index,
        name: 'sync',
        state: 'live',
        since: 0,
        start: undefined,
      },
      ...{ wasConnected: true, troubleSince: undefined, cause: undefined, window: undefined, lagMs: 0 },
      ...{ lastResponseAt: undefined, lastCommit: undefined },
    }));
    const state = () => ({ ...client.state(), subscriptions }) as ReturnType<LiveClient['state']>;
    page = await livePage({ status$: NEVER, state }, { port: 0 });
    const { until, end, code, written } = started('--url', page.url);
    await until((text) => text.includes('more: '));
    await page.close();
    await until((text) => text.endsWith('These are its last figures.\n'));
    end();
    expect(await code).to.equal(0);
    for (const drawn of written.text.split('\u001b[H\u001b[2J').slice(1)) {
      const lines = drawn.split('\n').slice(0, -1);
      const taken = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 60)), 0);
      expect(taken).to.be.at.most(19).and.at.least(16);
      expect(drawn).to.include('/data/A10');
    }
  });

  it('keeps the last figures and says so, while the process does not answer, and goes on when it is back', async () => {
    const { until, end, code, written } = started('--url', page.url);
    await until((text) => text.includes('TOPIC'));
    await page.close();
    await until((text) => text.endsWith(`${page.url} does not answer. These are its last figures.\n`));
    expect(written.text.split('\u001b[2J').at(-1)).to.include('TOPIC');
    page = await livePage(client, { port: Number(new URL(page.url).port) });
    await until((text) => text.endsWith('LEASE\n'));
    end();
    expect(await code).to.equal(0);
  });

  it('draws once, when it is told to, without clearing the screen', async () => {
    const { code, written } = started('--url', page.url, '--once');
    expect(await code).to.equal(0);
    expect(written.text).to.include('TOPIC').and.not.include('\u001b');
  });
});
