import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { deadLetterOf, memoryDeadLetterQueue, type DeadLetterQueue } from '@rxforce/dead-letters';
import { Context } from '../../src/command/context.js';
import { redriveLetters } from '../../src/commands/dlq-redrive.js';
import { parseConfiguration } from '../../src/config/configuration.js';
import { topicPlans } from '../../src/runtime/topic-plan.js';
import { changeOf } from '../support/sink-contract.js';
import { status, WebhookServer } from '../support/webhook-server.js';

const AWAY = status(503, { 'retry-after': '60' });

describe('rxforce dlq redrive with sinks that several topics share', () => {
  const servers: WebhookServer[] = [];
  const started = async (...answers: Parameters<typeof WebhookServer.start>) => {
    const server = await WebhookServer.start(...answers);
    servers.push(server);
    return server;
  };
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

  /** Redrives the letters of Account and Lead, which go to one sink, and those of Contact, which go to another. */
  const redriven = async (hook: WebhookServer, limit = Infinity, viewOf = (queue: DeadLetterQueue) => queue) => {
    const other = await started();
    const parsed = parseConfiguration(
      `
salesforce: { login_url: 'http://127.0.0.1:1', client_id: id, client_secret: none }
topics: [{ topic: Account, sink: hook }, { topic: Lead, sink: hook }, { topic: Contact, sink: other }]
sinks: { hook: { type: webhook, url: "${hook.url}" }, other: { type: webhook, url: "${other.url}" } }
`,
      { file: 'config.yaml', environment: {} },
    );
    if (parsed.err) throw new Error(JSON.stringify(parsed.val));
    const loaded = parsed.val;
    const queues = topicPlans(loaded).map((plan) => ({ plan, queue: memoryDeadLetterQueue() }));
    for (const { queue, plan } of queues) {
      const letter = (name: string) => deadLetterOf({ ...changeOf(name), topic: plan.topic }, new Error('broken'));
      await queue.put([letter('a'), letter('b')]);
    }
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const context = new Context({
      ...{ args: [], environment: {}, stdin: new PassThrough(), stdout, stderr },
      ...{ onSignal: () => () => undefined, onReopen: () => () => undefined, exitNow: () => undefined },
    });
    const viewed = queues.map(({ plan, queue }) => ({ plan, queue: viewOf(queue) }));
    const code = await redriveLetters(context, loaded, { queues: viewed, choice: {}, limit });
    stderr.end();
    const letters = await Promise.all(queues.map(({ queue }) => queue.depth()));
    return { code, lines: (await text(stderr)).trim().split('\n'), letters, others: other.received.length };
  };

  it('asks a sink that is out once, and writes the letters that go to others', async () => {
    const hook = await started(AWAY);
    const { code, lines, letters, others } = await redriven(hook);
    expect(hook.received).to.have.length(1);
    expect([code, letters, others]).to.deep.equal([1, [2, 2, 0], 2]);
    expect(lines).to.have.length(3);
    expect(lines[0]).to.match(
      /^AccountChangeEvent: error: The sink hook is out: .* 2 letters stay as they were\. Once/,
    );
    expect(lines[1]).to.match(/^LeadChangeEvent: error: The sink hook is out: .* 2 letters stay as they were\. Once/);
    expect(lines[2]).to.equal('2 letters were written, 0 failed again, 4 were not tried.');
  });

  it('counts no more letters of a sink that is out than --limit says', async () => {
    const { lines } = await redriven(await started(AWAY), 3);
    expect(lines[1]).to.match(/^LeadChangeEvent: .* 1 letter stays as it was\. Once/);
    expect(lines[2]).to.equal('2 letters were written, 0 failed again, 3 were not tried.');
    const { lines: few } = await redriven(await started(AWAY), 2);
    expect(few).to.have.length(2);
    expect(few[1]).to.equal('2 letters were written, 0 failed again, 2 were not tried.');
  });

  it('says that the letters of a topic cannot be read, and writes those of others', async () => {
    let queues = 0;
    const first = (queue: DeadLetterQueue): DeadLetterQueue => {
      if (++queues > 1) return queue;
      return Object.assign(Object.create(queue) as DeadLetterQueue, {
        list: () => {
          throw Object.assign(new Error('the disk is gone'), { code: 'EIO' });
        },
      });
    };
    const { code, lines, letters } = await redriven(await started(), Infinity, first);
    expect([code, letters]).to.deep.equal([1, [2, 0, 0]]);
    expect(lines).to.deep.equal([
      'AccountChangeEvent: error: the disk is gone',
      '4 letters were written, 0 failed again.',
    ]);
  });

  it('says that the sink is out, also when its letters cannot be counted', async () => {
    const listedOnce = (queue: DeadLetterQueue): DeadLetterQueue => {
      let calls = 0;
      const list = () => {
        if (++calls > 1) throw new Error('the disk is gone');
        return queue.list();
      };
      const [put, take, remove] = [queue.put.bind(queue), queue.take.bind(queue), queue.remove.bind(queue)];
      const [release, purge, depth] = [queue.release.bind(queue), queue.purge.bind(queue), queue.depth.bind(queue)];
      return { list, put, take, remove, release, purge, depth };
    };
    const { code, lines } = await redriven(await started(AWAY), Infinity, listedOnce);
    expect(code).to.equal(1);
    expect(lines[0]).to.match(
      /^AccountChangeEvent: error: The sink hook is out: .* stay as they were\. They cannot be counted: the disk is gone Once/,
    );
    expect(lines.at(-1)).to.equal('2 letters were written, 0 failed again.');
  });
});
