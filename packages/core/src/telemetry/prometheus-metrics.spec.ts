import { expect } from 'chai';
import { of, Subject, VirtualTimeScheduler } from 'rxjs';
import { ConfigurationError } from '../model/errors.js';
import type { Status } from '../ports/status.js';
import { prometheusMetrics, type PrometheusMetricsOptions } from './prometheus-metrics.js';

const TOPIC = '/data/LeadChangeEvent';

/** Metrics of a client that says nothing, with a clock that a test sets. */
function quiet(options: Omit<PrometheusMetricsOptions, 'scheduler'> = {}) {
  const status$ = new Subject<Status>();
  const scheduler = Object.assign(new VirtualTimeScheduler(), { frame: 0 });
  const metrics = prometheusMetrics({ status$ }, { ...options, scheduler });
  const values = async () => (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return { metrics, status$, scheduler, values };
}

const event = (topic: unknown) => ({ id: '3c1d', topic, header: {} });

describe('prometheusMetrics()', () => {
  it('measures a pipeline by the hooks of a meter', async () => {
    const { metrics, scheduler, values } = quiet();
    const { onReceived, onSettled, onUnsettled } = metrics.hooks('leads');
    const [first, second] = [event(TOPIC), event(TOPIC)];
    onReceived({ event: first });
    onReceived({ event: second });
    scheduler.frame = 300;
    onSettled({ event: first, lagMs: -20 });
    onUnsettled({ event: second });
    const labels = `messaging_consumer_group_name="leads",messaging_destination_name="${TOPIC}"`;
    const lines = (await values()).filter((line) => !line.includes('_bucket'));
    expect(lines).to.deep.equal([
      `messaging_client_consumed_messages_total{${labels},messaging_operation_name="receive",messaging_system="salesforce_pubsub"} 2`,
      `messaging_process_duration_seconds_sum{${labels},messaging_operation_name="process",messaging_system="salesforce_pubsub"} 0.3`,
      `messaging_process_duration_seconds_count{${labels},messaging_operation_name="process",messaging_system="salesforce_pubsub"} 1`,
      `rxforce_event_lag_seconds_sum{${labels},messaging_system="salesforce_pubsub"} 0`,
      `rxforce_event_lag_seconds_count{${labels},messaging_system="salesforce_pubsub"} 1`,
      `rxforce_events_unsettled_total{${labels},messaging_system="salesforce_pubsub"} 1`,
    ]);
  });

  it('takes nothing from a value that is no event', async () => {
    const { metrics, values } = quiet();
    const { onReceived, onSettled } = metrics.hooks();
    for (const value of [event('Jane Doe'), event('/data/Jane Doe'), event(7), 'text', undefined, null, 7]) {
      onReceived({ event: value });
      onSettled({ event: value });
    }
    const [consumed] = await values();
    expect(consumed).to.equal(
      'messaging_client_consumed_messages_total{messaging_operation_name="receive",messaging_system="salesforce_pubsub"} 7',
    );
  });

  it('counts attempts and letters', async () => {
    const { metrics, values } = quiet({ org: 'emea' });
    const save = metrics.counted((lead: { topic: string }, attempt: number) => of(`${lead.topic} ${attempt}`));
    const results: string[] = [];
    save({ topic: TOPIC }, 1).subscribe((result) => results.push(result));
    expect(results).to.deep.equal([`${TOPIC} 1`]);
    metrics.outcomes.onRetry([event(TOPIC)], 1, new Error('full'));
    metrics.outcomes.onRetry([event(TOPIC)], 2, new Error('full'));
    metrics.outcomes.onDeadLetter({ id: 'letter-1', topic: TOPIC });
    const counts = (await values()).map((line) => /rxforce_outcome="(\w+)"} (\d)$/.exec(line)?.slice(1).join(' '));
    expect(counts).to.deep.equal(['dead_letter 1', 'ok 1', 'retry 2']);
    expect((await values())[0]).to.include('rxforce_org="emea"');
  });

  it('counts the events of several orgs each for its own, and those that name one for that', async () => {
    const { metrics, values } = quiet({ org: 'emea' });
    const amer = metrics.ofOrg('amer');
    for (const { counted, outcomes, hooks } of [metrics, amer]) {
      counted((value: object) => Object.keys(value))(event(TOPIC));
      outcomes.onRetry(event(TOPIC), 1, new Error('full'));
      hooks('crm').onReceived({ event: event(TOPIC) });
    }
    amer.outcomes.onDeadLetter({ ...event(TOPIC), org: 'apac' });
    const counts = (await values()).map((line) =>
      /^(\w+){.*rxforce_org="(\w+)".*} (\d)$/.exec(line)?.slice(1).join(' '),
    );
    expect(counts).to.have.members([
      ...['emea', 'amer'].map((org) => `messaging_client_consumed_messages_total ${org} 1`),
      ...['emea', 'amer', 'emea', 'amer', 'apac'].map((org) => `rxforce_attempts_total ${org} 1`),
    ]);
    expect((await metrics.text()).match(/# HELP rxforce_attempts_total/g)).to.have.length(1);
  });

  it('does not count an attempt that failed as one that succeeded', async () => {
    const { metrics, values } = quiet();
    const save = metrics.counted(() => Promise.reject(new Error('full')));
    expect(await save().catch(String)).to.equal('Error: full');
    expect(await values()).to.deep.equal([]);
  });

  it('asks queues for their letters, and leaves out one that fails from then on', async () => {
    let isDown = false;
    const queues = { failed: { depth: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(3)) } };
    const { scheduler, values } = quiet({ queues });
    expect(await values()).to.deep.equal(['rxforce_dead_letters{rxforce_queue="failed"} 3']);
    isDown = true;
    scheduler.frame = 15_000;
    expect(await values()).to.deep.equal([]);
  });

  it('keeps what it measured, when the client is closed', async () => {
    const { metrics, status$, values } = quiet();
    status$.next({ type: 'login', ok: true, tookMs: 5, cause: undefined });
    const other = new Subject<Status>();
    metrics.observe({ status$: other }, { org: 'emea' });
    other.next({ type: 'login', ok: true, tookMs: 5, cause: undefined });
    status$.complete();
    expect(await values()).to.deep.equal([
      'rxforce_logins_total{messaging_system="salesforce_pubsub"} 1',
      'rxforce_logins_total{messaging_system="salesforce_pubsub",rxforce_org="emea"} 1',
    ]);
  });

  it('refuses an option that it does not know, and work that is no function', () => {
    expect(() => quiet({ queue: {} } as never)).to.throw(ConfigurationError, 'Did you mean "queues"?');
    expect(() => quiet().metrics.counted('save' as never)).to.throw(ConfigurationError, 'counted() got work a text');
  });
});
