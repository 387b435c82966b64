import { expect } from 'chai';
import type { EventSchema } from './event-schema.js';
import { KeptSchemas } from './kept-schemas.js';

const MINUTE_MS = 60_000;

/** Nothing but the id counts here. */
const schemaOf = (id: string) => ({ id }) as EventSchema;

describe('KeptSchemas', () => {
  let now = 0;
  let kept: KeptSchemas;

  beforeEach(() => {
    now = 1_000;
    kept = new KeptSchemas(() => now);
  });

  const add = (count: number, prefix: string, each: () => void = () => undefined) => {
    for (let index = 0; index < count; index++) {
      kept.add(schemaOf(`${prefix}${index}`));
      each();
    }
  };
  /** How many are kept, without using any: a look uses them, so this is the last thing that a test does. */
  const count = (most: number, prefix: string) =>
    Array.from({ length: most }, (_, index) => kept.get(`${prefix}${index}`)).filter(Boolean).length;

  it('keeps a few for ever, used or not', () => {
    add(20, 'a', () => (now += 60 * MINUTE_MS));
    expect(count(20, 'a')).to.equal(20);
  });

  it('drops the oldest that nothing named for minutes, where one comes again and again', () => {
    add(5_000, 'a', () => (now += 15_000));
    expect(count(5_000, 'a')).to.be.within(32, 80);
    expect(kept.get('a4999')).to.have.property('id', 'a4999');
    expect(kept.get('a0')).to.equal(undefined);
  });

  it('does not drop what is used, however many others come, and how fast', () => {
    const used = schemaOf('used');
    kept.add(used);
    add(5_000, 'slow', () => {
      now += 15_000;
      expect(kept.get('used')).to.equal(used);
    });
    add(5_000, 'fast', () => expect(kept.get('used')).to.equal(used));
  });

  it('keeps as many as an org has types of events, where all are used', () => {
    add(200, 'a');
    for (let round = 0; round < 10; round++) {
      now += 4 * MINUTE_MS;
      expect(count(200, 'a')).to.equal(200);
      kept.add(schemaOf('new'));
    }
  });

  it('keeps 1,000 at most, also where all are used and no time passes', () => {
    add(3_000, 'a', () => void kept.get('a0'));
    expect(count(3_000, 'a')).to.equal(1_000);
  });

  it('has most of them, where events of more types than that come round and round', () => {
    let fetched = 0;
    for (let round = 0; round < 10; round++) {
      for (let index = 0; index < 1_010; index++) {
        if (kept.get(`a${index}`) !== undefined) continue;
        fetched++;
        kept.add(schemaOf(`a${index}`));
      }
    }
    expect(fetched).to.be.below(1_010 + 10 * 2 * 10 + 1);
  });

  it('has what was added last, also where it was there before', () => {
    add(249, 'a');
    const newer = schemaOf('a0');
    kept.add(newer);
    expect(kept.get('a0')).to.equal(newer);
    add(3, 'b');
    expect([kept.get('a0'), kept.get('b2')?.id]).to.deep.equal([newer, 'b2']);
  });
});
