import { expect } from 'chai';
import { ConnectionError } from '@rxforce/core/model';
import { VirtualTimeScheduler } from 'rxjs';
import { SinkError } from '../sinks/sink.js';
import { noSchema } from '../sinks/source-error.js';
import { SinkOutage } from './sink-outage.js';

const AWAY = new SinkError('HTTP 503.', { outage: true });

function outageOf(retryDelayMs = 5_000, random = 1) {
  const clock = new VirtualTimeScheduler();
  const outage = new SinkOutage({ retryDelayMs }, { scheduler: clock, random: () => random });
  const at = (ms: number) => {
    clock.frame = ms;
    return outage;
  };
  return { outage, at };
}

describe('SinkOutage', () => {
  it('has events wait as long again as the sink is out, from 1 s to 30 s', () => {
    const { at } = outageOf();
    const waits = [0, 500, 4_000, 25_000, 3_600_000].map((ms) => at(ms).waitAfter(AWAY));
    expect(waits).to.deep.equal([1_000, 1_000, 4_000, 25_000, 30_000]);
  });

  it('spreads the waits, down to half of them', () => {
    const { at } = outageOf(5_000, 0);
    expect([0, 3_600_000].map((ms) => at(ms).waitAfter(AWAY))).to.deep.equal([500, 15_000]);
  });

  it('waits longer, where the configuration or the other side says so', () => {
    const { at } = outageOf(60_000);
    at(0).waitAfter(AWAY);
    expect(at(3_600_000).waitAfter(AWAY)).to.equal(60_000);
    const asks = new SinkError('HTTP 429.', { outage: true, retryAfterMs: 90_000 });
    expect(at(3_600_000).waitAfter(asks)).to.equal(90_000);
  });

  it('begins anew once events got through', () => {
    const { at } = outageOf();
    at(0).waitAfter(AWAY);
    at(20_000).worked();
    expect(at(20_001).waitAfter(AWAY)).to.equal(1_000);
  });

  it('says nothing of other failures, which wait as the configuration says', () => {
    const { at } = outageOf();
    expect(at(0).waitAfter(new SinkError('HTTP 422.'))).to.equal(5_000);
    expect(at(60_000).waitAfter(new SinkError('HTTP 422.', { retryAfterMs: 7_000 }))).to.equal(7_000);
    expect(at(60_000).lastsMs).to.equal(undefined);
  });

  it('says for how long the sink has taken nothing, once that are 10 s', () => {
    const { at } = outageOf();
    at(0).waitAfter(AWAY);
    expect(at(9_999).lastsMs).to.equal(undefined);
    expect(at(42_000).lastsMs).to.equal(42_000);
    at(42_001).worked();
    expect(at(42_002).lastsMs).to.equal(undefined);
  });

  it('says whether something is missing that the sink needs', () => {
    const { at } = outageOf();
    at(0).waitAfter(noSchema(new ConnectionError('Nobody answers.')));
    expect(at(1_000).isOfSource).to.equal(true);
    at(1_000).waitAfter(AWAY);
    expect(at(2_000).isOfSource).to.equal(false);
  });
});
