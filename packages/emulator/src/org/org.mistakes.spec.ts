import { createHash } from 'node:crypto';
import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { memoryOrg as setUp } from '../../test/support/memory-org.js';
import type { MemoryOrg } from './org.js';

describe('Org, given what it has not', () => {
  type Mistake = (org: MemoryOrg, id: string) => unknown;
  describe('large texts', () => {
    const lines = (...changes: [number, string][]) => {
      const text = Array.from({ length: 200 }, (_line, index) => `line ${index}`);
      changes.forEach(([index, line]) => (text[index] = line));
      return text.join('\n');
    };
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

    it('come as what changed in them, with the hash of the new text', () => {
      const { org, events } = setUp();
      const id = org.create('Account', { Name: 'Abel', Description: lines() });
      const after = lines([1, 'another'], [2, 'third']);
      org.update('Account', id, { Description: after, Phone: '1' });
      const { header, data } = events().at(-1)!;
      expect(data.Description).to.equal(
        `--- \n+++ ${sha256(after)}\n@@ -2,2 +2,2 @@\n-line 1\n-line 2\n+another\n+third`,
      );
      // Description is the one field that has a bit in diffFields; it counts as changed, too.
      expect(header.diffFields).to.have.length(1);
      expect(BigInt(header.changedFields[0]!) & BigInt(header.diffFields[0]!)).to.equal(BigInt(header.diffFields[0]!));
      expect(org.record('Account', id).Description).to.equal(after);
    });

    it('name the line before, where lines are only added or only removed', () => {
      const { org, events } = setUp();
      const id = org.create('Account', { Name: 'Abel', Description: lines() });
      org.update('Account', id, { Description: `${lines()}\nmore` });
      expect(events().at(-1)!.data.Description).to.match(/\n@@ -200,0 \+201,1 @@\n\+more$/);
      org.update('Account', id, { Description: lines() });
      expect(events().at(-1)!.data.Description).to.match(/\n@@ -201,1 \+200,0 @@\n-more$/);
    });

    it('come whole, when they are small, or what changed is no shorter, or there was none before', () => {
      const { org, events } = setUp();
      const id = org.create('Account', { Name: 'Abel', Description: 'small' });
      for (const text of ['other', lines(), 'x'.repeat(2_000), null]) {
        org.update('Account', id, { Description: text });
        expect(events().at(-1)!.data.Description).to.equal(text ?? undefined);
        expect(events().at(-1)!.header.diffFields).to.deep.equal([]);
      }
    });

    it('do not come as one event for two records, where what changed in them is not the same', () => {
      const { org, events } = setUp();
      const ids = org.create('Account', [
        { Name: 'a', Description: lines([5, 'own']) },
        { Name: 'b', Description: lines() },
      ]);
      org.update('Account', ids, { Description: lines([6, 'new']) });
      const diffs = events().filter(({ header }) => header.diffFields.length > 0);
      expect(diffs.map(({ header }) => header.recordIds)).to.deep.equal([[ids[0]], [ids[1]]]);
    });
  });

  describe('gaps', () => {
    it('tell that records changed, and nothing else', () => {
      const { org, events } = setUp();
      const ids = org.create('Account', [{ Name: 'a' }, { Name: 'b' }]);
      const before = events().length;
      org.transaction(
        (tx) => {
          tx.update('Account', ids[1]!, { Phone: '1' });
          tx.update('Account', ids[1]!, { Fax: '2' });
          tx.delete('Account', ids[0]!);
          tx.create('Lead', { Name: { LastName: 'c' }, Company: 'd' });
        },
        { asGaps: true },
      );
      const gaps = events().slice(before);
      expect(gaps.map(({ header }) => [header.changeType, header.recordIds.length])).to.deep.equal([
        ['GAP_UPDATE', 1],
        ['GAP_DELETE', 1],
        ['GAP_CREATE', 1],
      ]);
      expect(gaps.map(({ data, header }) => [data, header.changedFields])).to.deep.equal([
        [{}, []],
        [{}, []],
        [{}, []],
      ]);
      expect(new Set(gaps.map(({ header }) => header.transactionKey)).size).to.equal(1);
      expect(org.record('Account', ids[1]!).Phone).to.equal('1');
    });
  });

  const mistakes: readonly (readonly [string, Mistake, RegExp])[] = [
    ['the object is unknown', (org) => org.create('Acount', {}), /no object "Acount".*Account/],
    ['a field is unknown', (org) => org.create('Account', { Naem: 'a' }), /no field "Naem"/],
    ['a field has a name of JavaScript', (org) => org.create('Account', { toString: 'a' }), /no field "toString"/],
    ['a part is unknown', (org) => org.create('Account', { BillingAddress: { toString: 'a' } }), /no field "toString"/],
    ['a text is a number', (org) => org.create('Account', { Phone: 1 }), /Account\.Phone takes a string or null/],
    ['a number is a text', (org) => org.create('Account', { AnnualRevenue: '1' }), /takes a finite number/],
    ['a number is not finite', (org) => org.create('Account', { AnnualRevenue: NaN }), /takes a finite number/],
    ['a whole number is broken', (org) => org.create('Account', { NumberOfEmployees: 1.5 }), /whole number of 32 bits/],
    ['a date is a text', (org) => org.create('Contact', { Birthdate: '2020-01-01' }), /takes a Date/],
    ['a date is invalid', (org) => org.create('Contact', { Birthdate: new Date(NaN) }), /takes a Date/],
    ['a boolean is a text', (org) => org.create('Contact', { DoNotCall: 'no' }), /takes true or false/],
    [
      'a compound is a text',
      (org) => org.create('Account', { BillingAddress: 'Oslo' }),
      /takes an object with some of/,
    ],
    ['a simple field is an object', (org) => org.create('Account', { Phone: { a: 1 } }), /takes a string/],
    ['the org alone writes a field', (org) => org.create('Account', { CreatedDate: 1 }), /written by the org alone/],
    ['a record is unknown', (org) => org.update('Account', '001000000000000', {}), /no record "001000000000000"/],
    ['a record is of another object', (org, id) => org.update('Lead', id, {}), /Lead has no record/],
    ['a record is not deleted', (org, id) => org.undelete('Account', id), /not deleted/],
    ['a record is deleted', (org, id) => (org.delete('Account', id), org.record('Account', id)), /undelete it first/],
    ['a transaction has ended', (org) => org.transaction((tx) => tx).create('Account', {}), /has ended/],
  ];

  for (const [condition, mistake, message] of mistakes) {
    it(`throws a ConfigurationError, when ${condition}`, () => {
      const { org } = setUp();
      const id = org.create('Account', { Name: 'a' });
      expect(() => mistake(org, id)).to.throw(ConfigurationError, message);
    });
  }
});
