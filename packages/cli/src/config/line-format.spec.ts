import { expect } from 'chai';
import { ConfigurationError } from '@rxforce/core/model';
import { lineFormat } from './line-format.js';

const LINE = {
  at: new Date('2026-01-31T12:00:00.250Z'),
  level: 'WARNING',
  name: 'rxforce',
  message: 'a: b',
  fields: { n: 1 },
};

describe('lineFormat', () => {
  const formats: readonly (readonly [string, string])[] = [
    ['%(asctime)s - %(name)s - %(levelname)s - %(message)s', '2026-01-31 12:00:00,250 - rxforce - WARNING - a: b'],
    ['[%(levelname)-8s] %(message)s', '[WARNING] a: b'],
    ['pretty', '2026-01-31T12:00:00.250Z WARNING a: b n=1'],
    ['json', '{"time":"2026-01-31T12:00:00.250Z","level":"warning","name":"rxforce","message":"a: b","n":1}'],
  ];
  for (const [format, text] of formats)
    it(`writes as ${format} says`, () => expect(lineFormat(format)(LINE)).to.equal(text));

  it('says in a pretty line no error twice that the message has', () => {
    const line = { ...LINE, message: 'a: it is away', fields: { error: 'it is away', code: 'connection' } };
    expect(lineFormat('pretty')(line)).to.equal('2026-01-31T12:00:00.250Z WARNING a: it is away code=connection');
    expect(lineFormat('json')(line)).to.include('"error":"it is away"');
  });

  for (const format of ['%(thread)s %(message)s', 'plain', '%(message)d', '%(message)s %(x']) {
    it(`refuses ${format}`, () =>
      expect(() => lineFormat(format)).to.throw(ConfigurationError, 'must be pretty, json, or'));
  }
});
