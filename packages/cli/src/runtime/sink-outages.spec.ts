import { expect } from 'chai';
import { VirtualTimeScheduler } from 'rxjs';
import { SinkError } from '../sinks/sink.js';
import type { Outage } from './outage-gate.js';
import { SinkOutages } from './sink-outages.js';

describe('SinkOutages', () => {
  it('say which sinks have taken nothing for 10 s, and why, while that is so', () => {
    const clock = new VirtualTimeScheduler();
    const outages = new SinkOutages(clock);
    let tries = 0;
    const tryNow = () => {
      tries++;
    };
    const gate: { outage: Outage | undefined; tryNow: () => void } = {
      ...{ outage: { since: 0, error: new SinkError('HTTP 503.') }, tryNow },
    };
    outages.add({ label: 'AccountChangeEvent', sink: 'hook' }, gate);
    outages.add({ label: 'ContactChangeEvent', sink: 'hook' }, { outage: undefined, tryNow });
    outages.tryNow();
    expect(tries).to.equal(2);
    clock.frame = 9_999;
    expect(outages.sentences).to.deep.equal([]);
    clock.frame = 42_000;
    expect(outages.sentences).to.deep.equal([
      'The sink hook has taken nothing of AccountChangeEvent for 42 s, and its events wait: HTTP 503.',
    ]);
    gate.outage = undefined;
    expect(outages.sentences).to.deep.equal([]);
  });
});
