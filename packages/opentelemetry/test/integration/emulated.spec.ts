import { context, trace, SpanKind } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { expect } from 'chai';
import { filter, firstValueFrom, lastValueFrom, map, of, range, take, toArray } from 'rxjs';
import { memoryReplayStore, type ChangeEvent, type PlatformEvent, type PubSubClient } from '@rxforce/core';
import { prometheusMetrics } from '@rxforce/core/telemetry';
import { handle, limit } from '@rxforce/operators';
import { withEmulator } from '../../../core/test/support/emulated.js';
import { openTelemetry, type OpenTelemetryOptions } from '../../src/index.js';
import { followContexts, forgetContexts, measuring, tracing, valuesIn } from '../support/sdk.js';

const ACCOUNTS = '/data/AccountChangeEvent';
const ORDERS = '/event/Order_Event__e';
const COUNT = 25;

interface Order {
  readonly Order_Number__c: string | null;
  readonly Comment__c: string | null;
}

const propagator = new W3CTraceContextPropagator();

describe('Telemetry of a client of the emulator', () => {
  before(followContexts);
  after(forgetContexts);

  it('has the same numbers for Prometheus and for OpenTelemetry, and no ids', () =>
    withEmulator(async (emulator, client) => {
      const { meterProvider, values, stop } = measuring();
      const { tracerProvider, spans } = tracing();
      const prometheus = prometheusMetrics(client);
      const telemetry = openTelemetry({ meterProvider, tracerProvider, commits: true });
      telemetry.observe(client);
      for (let index = 0; index < COUNT; index++) emulator.org.create('Account', { Name: `account ${index}` });
      await lastValueFrom(
        client
          .changes('Account', { replay: { name: 'accounts', store: memoryReplayStore(), from: 'earliest' } })
          .pipe(telemetry.measureAs('accounts'), limit(COUNT), handle(telemetry.traced(() => Promise.resolve(1)))),
      );
      await lastValueFrom(client.publish(ORDERS, { data: { Order_Number__c: 'A-1' } }));
      await lastValueFrom(client.publish(ORDERS, { data: { Order_Nubmer__c: 'A-2' } }));
      await client.drain();

      const otel = await values();
      const text = await prometheus.text();
      const told = Object.entries(valuesIn(text));
      // When a commit was is read from the clock by each.
      const commitTime = told.filter(([series]) => series.startsWith('rxforce_commit_time_seconds'));
      expect(commitTime).to.have.length(1);
      expect(Math.abs(commitTime[0]![1] - otel[commitTime[0]![0]]!)).to.be.lessThan(5);
      for (const [series, value] of told.filter((each) => each !== commitTime[0]))
        expect(otel, series).to.include({ [series]: value });

      const labels = `messaging_destination_name="${ACCOUNTS}",messaging_system="salesforce_pubsub"`;
      const named = `messaging_consumer_group_name="accounts",${labels}`;
      expect(otel).to.include({
        [`messaging_client_consumed_messages_total{messaging_consumer_group_name="accounts",messaging_destination_name="${ACCOUNTS}",messaging_operation_name="receive",messaging_system="salesforce_pubsub"}`]:
          COUNT,
        [`rxforce_event_lag_seconds_count{${named}}`]: COUNT,
        [`rxforce_attempts_total{${labels},rxforce_outcome="ok"}`]: COUNT,
        [`rxforce_subscription_state{${named},rxforce_state="closed"}`]: 1,
        [`rxforce_window_used{${named},rxforce_part="unsettled"}`]: 0,
        'rxforce_logins_total{messaging_system="salesforce_pubsub"}': 1,
        [`messaging_client_sent_messages_total{messaging_destination_name="${ORDERS}",messaging_operation_name="publish",messaging_system="salesforce_pubsub"}`]: 1,
        [`messaging_client_sent_messages_total{error_type="invalid",messaging_destination_name="${ORDERS}",messaging_operation_name="publish",messaging_system="salesforce_pubsub"}`]: 1,
      });
      // The digits of a number may look like an id.
      const series = text.replace(/ \S+$/gm, '') + Object.keys(otel).join('\n');
      expect(series).not.to.match(/\b(001|003|00Q|00D|005)\w{12,15}\b/);

      expect(spans(`process ${ACCOUNTS}`)).to.have.length(COUNT);
      const commits = spans(`commit ${ACCOUNTS}`);
      expect(commits.map(({ kind }) => kind)).to.include(SpanKind.CLIENT);
      const durable = commits.map(({ attributes }) => Number(attributes['messaging.batch.message_count']));
      expect(durable.reduce((sum, count) => sum + count, 0)).to.equal(COUNT);
      const [published] = spans(`publish ${ORDERS}`);
      expect(published!.attributes).to.deep.equal({
        'messaging.system': 'salesforce_pubsub',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': ORDERS,
        'messaging.batch.message_count': 1,
      });
      await stop();
    }));

  for (const [where, options] of [
    ['headers', {}],
    ['a field', { carrier: { field: 'Comment__c' } }],
  ] as const) {
    it(`links the work on an event to the span that published it, by ${where}`, () =>
      withEmulator(async (_emulator, client) => {
        const { tracerProvider, spans } = tracing();
        const telemetry = openTelemetry({ tracerProvider, propagator, ...options });
        const publishing = await publishInSpan(client, telemetry, tracerProvider);
        const event = await firstValueFrom(
          client
            .events<Order>('Order_Event__e', { replay: 'earliest' })
            .pipe(handle(telemetry.traced((each: PlatformEvent<Order>) => of(each)))),
        );
        expect(event.data.Order_Number__c).to.equal('A-1');
        const [span] = spans(`process ${ORDERS}`);
        expect(span!.links.map(({ context: { spanId } }) => spanId)).to.deep.equal([publishing.spanId]);
      }));
  }

  it('measures a publisher, whose events come from traced work on changes', () =>
    withEmulator(async (emulator, client) => {
      const { tracerProvider, spans } = tracing();
      const telemetry = openTelemetry({ tracerProvider, propagator });
      telemetry.observe(client);
      emulator.org.create('Account', { Name: 'Acme' });
      const result = await firstValueFrom(
        client.changes<{ Name: string }>('Account', { replay: 'earliest' }).pipe(
          handle(
            telemetry.traced(({ data }: ChangeEvent<{ Name: string }>) =>
              of({ data: { Order_Number__c: data.Name } }).pipe(telemetry.inject, client.publisher<Order>(ORDERS)),
            ),
          ),
          filter(({ ok }) => ok),
        ),
      );
      expect(result.ok).to.equal(true);
      const event = await firstValueFrom(client.events<Order>(ORDERS, { replay: 'earliest' }));
      const [span] = spans(`process ${ACCOUNTS}`);
      const { traceId, spanId } = span!.spanContext();
      expect(new TextDecoder().decode(event.headers!.traceparent)).to.equal(`00-${traceId}-${spanId}-01`);
      expect(spans(`publish ${ORDERS}`)).to.have.length(1);
    }));
});

/** Publishes an order while a span is active. */
async function publishInSpan(
  client: PubSubClient,
  telemetry: ReturnType<typeof openTelemetry>,
  tracerProvider: NonNullable<OpenTelemetryOptions['tracerProvider']>,
) {
  const span = tracerProvider.getTracer('test').startSpan('order');
  const results = await context.with(trace.setSpan(context.active(), span), () =>
    lastValueFrom(
      range(1, 1).pipe(
        map((number) => ({ data: { Order_Number__c: `A-${number}` } })),
        telemetry.inject,
        client.publisher<Order>(ORDERS),
        take(1),
        toArray(),
      ),
    ),
  );
  expect(results.map(({ ok }) => ok)).to.deep.equal([true]);
  span.end();
  return span.spanContext();
}
