import { context, trace, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { expect } from 'chai';
import {
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  NEVER,
  of,
  timer,
  toArray,
  type Observable,
  type ObservableInput,
} from 'rxjs';
import { ConfigurationError, ConnectionError, type ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { memoryDeadLetterQueue } from '@rxforce/dead-letters';
import { batchBy, handle, retryWithDLQ } from '@rxforce/operators';
import { openTelemetry, type OpenTelemetryOptions } from '../src/index.js';
import { followContexts, forgetContexts, measuring, tracing } from './support/sdk.js';

const TOPIC = '/data/LeadChangeEvent';
const NAME = `process ${TOPIC}`;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

const lead = (fields: object = {}): ChangeEvent =>
  Object.assign(changeEvent({ entityName: 'Lead', recordIds: ['00Q000000000001AAA'] }), fields);
const carrying = (text: string) => ({ headers: { traceparent: new TextEncoder().encode(text) } });

function traced(options: OpenTelemetryOptions = {}) {
  const { tracerProvider, spans } = tracing();
  const propagator = new W3CTraceContextPropagator();
  return { telemetry: openTelemetry({ tracerProvider, propagator, ...options }), spans };
}

const activeSpan = () => trace.getActiveSpan()?.spanContext().spanId;
const all = <T>(source: Observable<T>) => lastValueFrom(source.pipe(toArray()));

describe('traced()', () => {
  before(followContexts);
  after(forgetContexts);

  it('counts the events of several orgs each for its own', async () => {
    const { meterProvider, values, stop } = measuring();
    const telemetry = openTelemetry({ meterProvider, org: 'emea' });
    for (const { measureAs, traced: tracedOf, outcomes } of [telemetry, telemetry.ofOrg('amer')]) {
      await all(of(lead()).pipe(measureAs('crm'), handle(tracedOf((event: ChangeEvent) => [event.id]))));
      outcomes.onRetry(lead(), 1, new Error('full'));
    }
    const counts = Object.entries(await values()).flatMap(([series, count]) => {
      const [, name, org] = /^(\w+(?:attempts|consumed)\w*){.*rxforce_org="(\w+)"/.exec(series) ?? [];
      return name === undefined ? [] : [`${name} ${String(org)} ${count}`];
    });
    expect(counts).to.have.members(
      ['emea', 'amer'].flatMap((org) => [
        `messaging_client_consumed_messages_total ${org} 1`,
        ...['ok', 'retry'].map(() => `rxforce_attempts_total ${org} 1`),
      ]),
    );
    await stop();
  });

  it('makes no span while no SDK is registered, counts all the same, and makes spans once one is', async () => {
    const { meterProvider, values, stop } = measuring();
    const telemetry = openTelemetry({ meterProvider });
    const active: unknown[] = [];
    const save = telemetry.traced((event: ChangeEvent) => {
      active.push(trace.getActiveSpan());
      return [event.id];
    });
    await all(of(lead()).pipe(handle(save)));
    const { tracerProvider, spans } = tracing();
    try {
      trace.setGlobalTracerProvider(tracerProvider);
      await all(of(lead()).pipe(handle(save)));
    } finally {
      trace.disable();
    }
    expect(active.map((span) => span === undefined)).to.deep.equal([true, false]);
    expect(spans(NAME)).to.have.length(1);
    const attempts = Object.entries(await values()).filter(([series]) => series.startsWith('rxforce_attempts'));
    expect(attempts.map(([, count]) => count)).to.deep.equal([2]);
    await stop();
  });

  it('leaves a pipeline as it is, when no SDK was registered before', () => {
    const source = of(lead());
    const { measure, measureAs, traced: tracedBy } = openTelemetry();
    expect([measure(source), measureAs('leads')(source)]).to.deep.equal([source, source]);
    expect(tracedBy((text: string) => [text])('a')).to.deep.equal(['a']);
  });

  it('makes a span of the work on an event, and tells what the event is, and no value of it', async () => {
    const { telemetry, spans } = traced();
    const event = lead({ id: 'event-1', data: { Email: 'jane@example.com' } });
    const save = telemetry.traced(async ({ id }: ChangeEvent) => Promise.resolve(id), { group: 'leads' });
    expect(await all(of(event).pipe(handle(save)))).to.deep.equal(['event-1']);
    const [span] = spans(NAME);
    const { 'rxforce.lag_ms': lag, ...attributes } = span!.attributes;
    expect(attributes).to.deep.equal({
      'messaging.system': 'salesforce_pubsub',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': TOPIC,
      'messaging.consumer.group.name': 'leads',
      'messaging.message.id': 'event-1',
      'rxforce.entity': 'Lead',
      'rxforce.change_type': 'CREATE',
      'rxforce.change_origin': 'com/salesforce/api/soap/58.0;client=test',
      'rxforce.record.count': 1,
      'rxforce.attempt': 1,
    });
    expect(lag).to.be.a('number');
    expect(span!.kind).to.equal(SpanKind.CONSUMER);
    expect(span!.status.code).to.equal(SpanStatusCode.UNSET);
  });

  it('has the span active during a promise, an Observable and an iterable', async () => {
    const { telemetry, spans } = traced();
    const works: (() => ObservableInput<string | undefined>)[] = [
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return activeSpan();
      },
      () => timer(1).pipe(map(activeSpan)),
      function* () {
        yield activeSpan();
      },
      async function* () {
        await Promise.resolve();
        yield activeSpan();
      },
    ];
    for (const work of works) {
      const [seen] = await all(from(telemetry.traced(work)()));
      const ended = spans('process').at(-1);
      expect(seen).to.equal(ended!.spanContext().spanId);
    }
    expect(spans('process')).to.have.length(works.length);
    expect(activeSpan()).to.equal(undefined);
  });

  it('makes siblings of attempts, with links to the first one', async () => {
    const { telemetry, spans } = traced();
    const save = telemetry.traced((_event: ChangeEvent, attempt: number) => {
      if (attempt < 3) throw new ConnectionError('down');
    });
    const deadLetters = memoryDeadLetterQueue();
    await all(of(lead()).pipe(retryWithDLQ(save, { deadLetters, delays: () => 0 })));
    const [first, second, third] = spans(NAME);
    expect([first, second, third].map((span) => span!.attributes['rxforce.attempt'])).to.deep.equal([1, 2, 3]);
    expect([first, second, third].map((span) => span!.status.code)).to.deep.equal([
      SpanStatusCode.ERROR,
      SpanStatusCode.ERROR,
      SpanStatusCode.UNSET,
    ]);
    expect(first!.links).to.deep.equal([]);
    const of1 = first!.spanContext().spanId;
    expect([second, third].map((span) => span!.links.map(({ context: { spanId } }) => spanId))).to.deep.equal([
      [of1],
      [of1],
    ]);
    expect(spans().map((span) => span.parentSpanContext)).to.deep.equal([undefined, undefined, undefined]);
  });

  it('says what work failed with: the code of an error of rxforce, or a class', () => {
    const { telemetry, spans } = traced();
    for (const error of [new ConnectionError('down'), new RangeError('far'), 'a text']) {
      const work = telemetry.traced(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- work may throw anything
        throw error;
      });
      expect(work).to.throw();
    }
    expect(spans().map((span) => span.attributes['error.type'])).to.deep.equal(['connection', 'RangeError', '_OTHER']);
    expect(spans().map((span) => span.events.map(({ name }) => name))).to.deep.equal([
      ['exception'],
      ['exception'],
      ['exception'],
    ]);
  });

  it('says that work was unsubscribed, which is no error', () => {
    const { telemetry, spans } = traced();
    of(lead())
      .pipe(handle(telemetry.traced(() => NEVER)))
      .subscribe()
      .unsubscribe();
    const [span] = spans(NAME);
    expect(span!.attributes).to.include({ 'rxforce.unsubscribed': true });
    expect(span!.status.code).to.equal(SpanStatusCode.UNSET);
  });

  it('makes one span of a batch, with a link to each context that its events come from', async () => {
    const { telemetry, spans } = traced();
    const other = `00-${TRACE}-00f067aa0ba902b7-01`;
    const batch = [carrying(TRACEPARENT), carrying(TRACEPARENT), carrying(other), {}].map(lead);
    const save = telemetry.traced((events: readonly ChangeEvent[]) => of(events.length), { name: 'save leads' });
    expect(await all(from(batch).pipe(batchBy(4, 1_000), handle(save)))).to.deep.equal([4]);
    const [span] = spans('save leads');
    expect(span!.attributes).to.include({ 'messaging.batch.message_count': 4, 'messaging.destination.name': TOPIC });
    expect(span!.attributes).not.to.have.any.keys('messaging.message.id', 'rxforce.entity');
    expect(span!.links.map(({ context: { spanId } }) => spanId)).to.deep.equal([SPAN, '00f067aa0ba902b7']);
  });

  it('counts the attempts at a batch, which is a copy each time', async () => {
    const { telemetry, spans } = traced();
    const save = telemetry.traced((_events: readonly ChangeEvent[], attempt: number) => {
      if (attempt === 1) throw new Error('full');
    });
    const deadLetters = memoryDeadLetterQueue();
    await all(of([lead(), lead()]).pipe(retryWithDLQ(save, { deadLetters, delays: () => 0 })));
    expect(spans(NAME).map((span) => span.attributes['rxforce.attempt'])).to.deep.equal([1, 2]);
    expect(spans(NAME)[1]!.links).to.have.length(1);
  });

  it('has the context of an event as a link, or as the parent of the work on it', async () => {
    const linked = traced();
    await all(of(lead(carrying(TRACEPARENT))).pipe(handle(linked.telemetry.traced(() => of(1)))));
    const [link] = linked.spans(NAME);
    expect(link!.parentSpanContext).to.equal(undefined);
    expect(link!.links.map(({ context: { traceId, spanId } }) => [traceId, spanId])).to.deep.equal([[TRACE, SPAN]]);

    const child = traced({ parent: 'event' });
    await all(of(lead(carrying(TRACEPARENT))).pipe(handle(child.telemetry.traced(() => of(1)))));
    const [span] = child.spans(NAME);
    expect(span!.parentSpanContext?.spanId).to.equal(SPAN);
    expect(span!.spanContext().traceId).to.equal(TRACE);
    expect(span!.links).to.deep.equal([]);
  });

  it('takes nothing from a header that is no context, or much too long', async () => {
    const { telemetry, spans } = traced({ parent: 'event' });
    for (const text of ['00-zz', TRACEPARENT.padEnd(10_000, ' '), `00-${'0'.repeat(32)}-${SPAN}-01`]) {
      await all(of(lead(carrying(text))).pipe(handle(telemetry.traced(() => of(1)))));
    }
    expect(spans(NAME).map((span) => [span.parentSpanContext, span.links.length])).to.deep.equal([
      [undefined, 0],
      [undefined, 0],
      [undefined, 0],
    ]);
  });

  it('works without events, on whatever values', async () => {
    const { telemetry, spans } = traced();
    expect(await all(of(1, 'a', undefined).pipe(handle(telemetry.traced((value) => of(value)))))).to.deep.equal([
      1,
      'a',
      undefined,
    ]);
    expect(spans('process')).to.have.length(3);
  });

  it('refuses what is no function, and options that it does not know', () => {
    const { telemetry } = traced();
    expect(() => telemetry.traced('save' as never)).to.throw(ConfigurationError, 'traced() got work a text');
    expect(() => telemetry.traced(() => of(1), { nmae: 'x' } as never)).to.throw(ConfigurationError, '"name"');
    expect(() => traced({ parent: 'links' as never })).to.throw(ConfigurationError, 'the parent "links"');
    expect(() => traced({ carrier: { field: 'a b' } })).to.throw(ConfigurationError, 'carrier');
    expect(() => traced({ queue: {} } as never)).to.throw(ConfigurationError, '"queues"');
  });
});

describe('inject', () => {
  before(followContexts);
  after(forgetContexts);

  const order = { id: 'a-1', data: { Order_Number__c: 'A-1' }, headers: { mine: 'kept' } };
  /** Injects while a span is active. */
  const injected = (options: OpenTelemetryOptions) => {
    const { telemetry } = traced(options);
    const active = trace.setSpanContext(context.active(), { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    return context.with(active, () => firstValueFrom(of(order).pipe(telemetry.inject)));
  };

  it('adds the active context to the headers of an event', async () => {
    expect(await injected({})).to.deep.equal({ ...order, headers: { mine: 'kept', traceparent: TRACEPARENT } });
    expect(order.headers).to.deep.equal({ mine: 'kept' });
  });

  it('puts it into a field instead, which is then read', async () => {
    const carrier = { field: 'TraceParent__c' };
    const event = await injected({ carrier });
    expect(event).to.deep.equal({ ...order, data: { ...order.data, TraceParent__c: TRACEPARENT } });
    const { telemetry, spans } = traced({ carrier });
    await all(of(event).pipe(handle(telemetry.traced(() => of(1)))));
    expect(spans()[0]!.links.map(({ context: { spanId } }) => spanId)).to.deep.equal([SPAN]);
  });

  it('gives each event the context of a span of its own, with creates', async () => {
    const { telemetry, spans } = traced({ creates: true });
    const active = trace.setSpanContext(context.active(), { traceId: TRACE, spanId: SPAN, traceFlags: 1 });
    const events = await context.with(active, () => all(of(order, order).pipe(telemetry.inject)));
    const [one, other] = spans();
    expect([one, other].map((span) => [span!.name, span!.kind, span!.parentSpanContext?.spanId])).to.deep.equal([
      ['create', SpanKind.PRODUCER, SPAN],
      ['create', SpanKind.PRODUCER, SPAN],
    ]);
    expect(events.map(({ headers }) => (headers as Record<string, string>).traceparent)).to.deep.equal(
      [one, other].map((span) => `00-${TRACE}-${span!.spanContext().spanId}-01`),
    );
    expect(one!.spanContext().spanId).not.to.equal(other!.spanContext().spanId);
  });

  it('passes on the event itself, when no span is active', async () => {
    const { telemetry } = traced();
    expect(await firstValueFrom(of(order).pipe(telemetry.inject))).to.equal(order);
  });
});
