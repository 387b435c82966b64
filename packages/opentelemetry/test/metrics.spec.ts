import { readFileSync } from 'node:fs';
import type { InstrumentationScope } from '@opentelemetry/core';
import { expect } from 'chai';
import { Subject, VirtualTimeScheduler } from 'rxjs';
import { INSTRUMENTS, prometheusName, type ObservedStatus, type StatusSource } from '@rxforce/core/telemetry';
import { openTelemetry } from '../src/index.js';
import { scriptedRun } from './support/scripted-run.js';
import { measuring, tracing, valuesIn } from './support/sdk.js';

/** A clock that a test sets. */
const stopped = Object.assign(new VirtualTimeScheduler(), { frame: 0 });

const GOLDEN = new URL('golden/metrics.prom', import.meta.url);

describe('The instrumentation scope', () => {
  it('has the name and the version of the package', () => {
    const { name, version } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as InstrumentationScope;
    const { tracerProvider, spans } = tracing();
    openTelemetry({ tracerProvider }).traced(() => undefined)();
    expect(spans()[0]!.instrumentationScope).to.include({ name, version });
  });
});

describe('The metrics of a scripted run', () => {
  let run: Awaited<ReturnType<typeof scriptedRun>>;

  before(async () => {
    run = await scriptedRun();
  });

  after(() => run.stop());

  it('are these, as Prometheus reads them', () => {
    expect(run.text).to.equal(readFileSync(GOLDEN, 'utf8'));
  });

  it('are the same for OpenTelemetry', () => {
    expect(run.values).to.deep.equal(valuesIn(run.text));
  });

  it('are those of every instrument in the table', () => {
    const types = run.text.match(/^# TYPE \S+ \S+$/gm)?.map((line) => line.replace('# TYPE ', ''));
    expect(types).to.deep.equal(INSTRUMENTS.map((each) => `${prometheusName(each)} ${each.kind}`));
  });

  it('have no id of a record in them', () => {
    expect(run.text).not.to.match(/\b(001|003|00Q)\w{12,15}\b/);
  });
});

describe('The lag of a client of a log', () => {
  it('is asked for no more, when the client is closed', async () => {
    const sdk = measuring();
    const telemetry = openTelemetry({ meterProvider: sdk.meterProvider, scheduler: stopped });
    const status$ = new Subject<ObservedStatus>();
    let asked = 0;
    const lag = () => {
      asked++;
      return Promise.resolve([{ topic: '/data/A', partition: 0, name: 'x', events: 1, oldestAt: undefined }]);
    };
    telemetry.observe({ status$, lag } as StatusSource);
    expect(Object.keys(await sdk.values()).join()).to.include('rxforce_log_lag');
    status$.complete();
    stopped.frame += 15_000;
    await sdk.values();
    expect(asked).to.equal(1);
    await sdk.stop();
  });
});
