import { SpanKind } from '@opentelemetry/api';
import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { StatusDetail } from '@rxforce/core';
import type { ObservedStatus } from '@rxforce/core/telemetry';
import { openTelemetry } from '../src/index.js';
import { tracing } from './support/sdk.js';

type Snapshot = Extract<StatusDetail, { readonly type: 'snapshot' }>;

/** A stream of records that reports what a test says. */
function reporting() {
  const { tracerProvider, spans } = tracing();
  const status$ = new Subject<ObservedStatus>();
  const of = { topic: '/data/ChangeEvents', subscription: 1, name: 'mirror' };
  const observed = openTelemetry({ tracerProvider }).observe({ status$ }, { only: 'snapshots' });
  const told = (phase: Snapshot['phase'], entity: string, rows: number, total?: number) =>
    status$.next({ type: 'snapshot', phase, entity, rows, of: total, ...of });
  const ended = () => spans().map(({ name, attributes, events }) => ({ name, attributes, events }));
  return { observed, told, ended, spans, status$, of };
}

describe('The spans of snapshots', () => {
  it('are one for each object, with an event for each page', () => {
    const { told, ended, spans } = reporting();
    told('waiting', 'Account', 0);
    told('reading', 'Account', 0, 300);
    told('reading', 'Account', 200, 300);
    told('reading', 'Account', 310, 300);
    told('reading', 'Lead', 0);
    told('done', 'Lead', 5);
    const [accounts, leads] = ended();
    expect(accounts!.name).to.equal('snapshot Account');
    expect(accounts!.attributes).to.deep.equal({
      'messaging.system': 'salesforce_pubsub',
      'messaging.operation.name': 'snapshot',
      'messaging.operation.type': 'receive',
      'messaging.destination.name': '/data/ChangeEvents',
      'messaging.consumer.group.name': 'mirror',
      'rxforce.entity': 'Account',
      'rxforce.snapshot.rows': 310,
      'rxforce.snapshot.of': 300,
    });
    expect(accounts!.events.map(({ attributes }) => attributes?.['rxforce.snapshot.rows'])).to.deep.equal([200, 310]);
    expect([leads!.name, leads!.attributes['rxforce.snapshot.rows']]).to.deep.equal(['snapshot Lead', 5]);
    expect(spans().map(({ kind }) => kind)).to.deep.equal([SpanKind.INTERNAL, SpanKind.INTERNAL]);
  });

  it('are none, when everything was read before', () => {
    const { told, ended } = reporting();
    told('waiting', 'Account', 0);
    told('done', 'Account', 0);
    expect(ended()).to.deep.equal([]);
  });

  it('end with their subscription, when a snapshot does not', () => {
    const { told, ended, status$, of } = reporting();
    told('reading', 'Account', 0);
    status$.next({ type: 'closed', ...of });
    expect(ended()).to.have.length(1);
  });

  it('end with the observation, when a snapshot does not', () => {
    const { told, ended, observed } = reporting();
    told('reading', 'Account', 0);
    expect(ended()).to.deep.equal([]);
    observed.unsubscribe();
    expect(ended()).to.have.length(1);
  });

  it('are all that is made, when only snapshots are wanted', () => {
    const { status$, of, spans } = reporting();
    status$.next({ type: 'published', events: 1, failed: 0, tookMs: 3, ...of });
    expect(spans()).to.deep.equal([]);
  });
});
