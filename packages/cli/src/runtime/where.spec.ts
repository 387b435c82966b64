import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import type { SinkEvent } from '../sinks/sink.js';
import { whereOf } from './where.js';
import { whereInText } from './where-text.js';

const logger = { warn: () => undefined };
const event = (changeType: string, data: object, changedFields: string[] = []) =>
  ({
    topic: '/data/LeadChangeEvent',
    header: { changeType, changedFields, diffFields: [], nulledFields: [] },
    data,
  }) as unknown as SinkEvent;
const create = (data: object) => event('CREATE', data);
const fits = (where: Parameters<typeof whereOf>[0], given: SinkEvent) =>
  whereOf(where, { logger, isChannel: false })(given);

describe('whereOf', () => {
  const cases: readonly (readonly [Parameters<typeof whereOf>[0], object, boolean])[] = [
    [{ A: { equals: 5 } }, { A: 5 }, true],
    [{ A: { equals: 5 } }, { A: 6 }, false],
    [{ A: { not_equals: 5 } }, { A: 6 }, true],
    [{ A: { greater_than: 5, less_or_equal: 7 } }, { A: 7 }, true],
    [{ A: { greater_than: 5, less_or_equal: 7 } }, { A: 8 }, false],
    [{ A: { in: ['x', 'y'] }, B: { not_in: [1] } }, { A: 'y', B: 2 }, true],
    [{ A: { in: ['x', 'y'] }, B: { not_in: [1] } }, { A: 'y', B: 1 }, false],
    [{ A: { matches: '^a.c$' } }, { A: 'abc' }, true],
    [{ A: { contains: 'b' } }, { A: 'abc' }, true],
    [{ A: { is_null: true } }, { A: null }, true],
    [{ A: { is_null: false } }, { A: null }, false],
  ];
  for (const [where, data, result] of cases) {
    it(`${result ? 'passes' : 'drops'} ${JSON.stringify(data)}, when it asks for ${JSON.stringify(where)}`, () => {
      expect(fits(where, create(data))).to.equal(result);
    });
  }

  it('drops what says nothing of the field: an UPDATE of another one, a DELETE', () => {
    expect(fits({ A: { not_equals: 5 } }, event('UPDATE', { A: null, B: 1 }, ['B']))).to.equal(false);
    expect(fits({ A: { not_equals: 5 } }, event('DELETE', { A: null }))).to.equal(false);
    expect(fits({ A: { changed: true } }, event('UPDATE', { A: 1 }, ['A']))).to.equal(true);
  });

  it('compares all fields of a platform event, which has no header', () => {
    const order = { topic: '/event/Order__e', data: { Total__c: 7, Note__c: null } } as unknown as SinkEvent;
    expect(fits({ Total__c: { greater_than: 5 }, Note__c: { is_null: true } }, order)).to.equal(true);
    expect(fits({ Total__c: { greater_than: 7 } }, order)).to.equal(false);
  });

  it('refuses a comparison that cannot be', () => {
    expect(() => whereOf({ 'A.': { equals: 1 } }, { logger, isChannel: false })).to.throw(
      ConfigurationError,
      'where A. equals',
    );
  });
});

describe('whereInText', () => {
  it('reads conditions, with texts in quotes and without', () => {
    expect(whereInText("Amount > 1000 AND StageName = 'Closed Won' and Open = true")).to.deep.equal({
      Amount: { greater_than: 1_000 },
      StageName: { equals: 'Closed Won' },
      Open: { equals: true },
    });
    expect(whereInText("A >= -1.5 AND A < 3 AND Name contains 'O\\'Neil and sons'")).to.deep.equal({
      A: { greater_or_equal: -1.5, less_than: 3 },
      Name: { contains: "O'Neil and sons" },
    });
  });

  for (const text of ['', 'Amount', 'Amount >', 'Amount ~ 5', 'A = 1 AND', "A = 'x", 'A = 1 OR B = 2']) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      expect(() => whereInText(text)).to.throw(ConfigurationError, '--where needs'));
  }
});
