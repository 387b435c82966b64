import { expect } from 'chai';
import { asyncScheduler } from 'rxjs';
import { resolveRecordsOptions } from './records-options.js';

describe('The options of records()', () => {
  it('are all fields of all records, by the better way, and leave a tenth of the calls, when nothing is given', () => {
    const { fields, where, by, pageSize, apiVersion, scheduler, pace } = resolveRecordsOptions({
      logger: { warn: () => undefined },
    });
    expect({ fields, where, by, pageSize, apiVersion }).to.deep.equal({
      fields: undefined,
      where: undefined,
      by: 'auto',
      pageSize: 2_000,
      apiVersion: '64.0',
    });
    expect(scheduler).to.equal(asyncScheduler);
    pace.note('api-usage=91/100');
    expect(pace.pauseMs()).to.be.above(0);
  });

  const wrong: [options: object, message: RegExp][] = [
    [{ field: ['Name'] }, /Did you mean "fields"/],
    [{ fields: [] }, /names of fields/],
    [{ fields: 'Name' }, /a text as fields/],
    [{ fields: [1] }, /names of fields/],
    [{ where: '' }, /an empty text as where/],
    [{ where: 5 }, /a number as where/],
    [{ where: " where Type = 'a'" }, /begins with WHERE/],
    [{ by: 'soap' }, /'soap' as by/],
    [{ pageSize: 199 }, /pageSize is 199.*from 200 to 2000/],
    [{ pageSize: 2_001 }, /from 200 to 2000/],
    [{ apiVersion: 64 }, /a number as apiVersion/],
    [{ apiVersion: 'v64.0' }, /'v64.0' as apiVersion/],
    [{ pauseBelow: 10 }, /pauseBelow is 10/],
    [{ pauseBelow: NaN }, /from 0 to 1/],
    [{ logger: {} }, /warn/],
  ];
  for (const [options, message] of wrong) {
    it(`are refused, when they are ${JSON.stringify(options)}`, () => {
      expect(() => resolveRecordsOptions(options))
        .to.throw(message)
        .with.property('code', 'configuration');
    });
  }

  it('take each field once', () => {
    expect(resolveRecordsOptions<{ A: 1; B: 2 }>({ fields: ['A', 'B', 'A'] }).fields).to.deep.equal(['A', 'B']);
  });

  it('warn of the same only once, when it is said so', () => {
    const warnings: string[] = [];
    const { warn, warnOnce } = resolveRecordsOptions({ logger: { warn: (message) => warnings.push(message) } });
    for (const tell of [warnOnce, warnOnce, warn, warn]) tell('a');
    expect(warnings).to.deep.equal(['a', 'a', 'a']);
  });
});
