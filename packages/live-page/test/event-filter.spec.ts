import { expect } from 'chai';

interface Filters {
  readonly eventFilter: (text: string) => (event: object) => boolean;
  readonly fixtureOf: (event: object) => string;
}

const { eventFilter, fixtureOf } = (await import(
  new URL('../assets/event-filter.js', import.meta.url).href
)) as Filters;

const event = {
  ...{ id: '1', topic: '/data/AccountChangeEvent', type: 'UPDATE', entity: 'Account', recordIds: ['001A', '001B'] },
  ...{
    changedFields: ['Name', 'Amount'],
    committedAt: 5,
    bytes: 250,
    values: { Name: "O'Hara", Amount: 9, City: null },
  },
};

describe('The filter of events', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ['', true],
    ['type = update', true],
    ['type != UPDATE', false],
    ['record = 001B', true],
    ['record != 001B', false],
    ['changed = Amount AND Amount > 8', true],
    ['changed = Amount and Amount >= 10', false],
    ['Amount < 10', true],
    ['bytes <= 249', false],
    ["Name = 'O\\'Hara'", true],
    ['Name contains HAR', true],
    ['City = null', true],
    ['City > 1', false],
    ['Nothing = 1', false],
    ["o'hara", true],
    ['somebody else', false],
  ];
  for (const [text, fits] of cases) {
    it(`${fits ? 'passes' : 'drops'} the event, when it says: ${text}`, () => {
      expect(eventFilter(text)(event)).to.equal(fits);
    });
  }
});

describe('An event as a fixture', () => {
  it('is code that makes the same event', () => {
    expect(fixtureOf(event)).to.equal(
      [
        'changeEvent({',
        "  entityName: 'Account',",
        "  changeType: 'UPDATE',",
        "  recordIds: ['001A', '001B'],",
        "  changedFields: ['Name', 'Amount'],",
        '  commitTimestamp: 5,',
        '  data: {',
        "    Name: 'O\\'Hara',",
        '    Amount: 9,',
        '    City: null,',
        '  },',
        '})',
      ].join('\n'),
    );
  });

  it('is a platform event, when it is one', () => {
    expect(fixtureOf({ topic: '/event/Order__e', type: 'EVENT', values: { 'a b': true } })).to.equal(
      "platformEvent('/event/Order__e', {\n  'a b': true,\n})",
    );
  });
});
