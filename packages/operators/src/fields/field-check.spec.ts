import { expect } from 'chai';
import { of } from 'rxjs';
import { ConfigurationError, type ChangeEvent, type ChangeType, type MismatchPolicy } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { ofClient, type KnownFields } from '../../test/support/of-client.js';
import { expandMerged } from '../expand-merged.js';
import { toRecords } from '../to-records.js';
import { allOf, type ChangePredicate } from './change-predicate.js';
import type { FieldOperator } from './field-operators.js';
import type { FieldOptions } from './field-options.js';
import { field } from './field-predicate.js';

/** All warnings of a test. */
function warnings(): { readonly texts: string[]; readonly warn: (message: string) => void } {
  const texts: string[] = [];
  return { texts, warn: (message) => void texts.push(message) };
}

function predicate(
  path: string,
  operator: FieldOperator,
  operand: readonly unknown[],
  options: FieldOptions = {},
): ChangePredicate<ChangeEvent> {
  return field<ChangeEvent, FieldOperator>(path, operator, ...([...operand, options] as [never]));
}

const data = { Name: 'x', Amount: 1, Active: true, BillingAddress: null };
const account = (changeType: ChangeType = 'CREATE') => changeEvent({ changeType, data });
const contact = () => changeEvent({ entityName: 'Contact', data });

describe('The check of a field', () => {
  const warningsOf = (
    path: string,
    operator: FieldOperator,
    operand: readonly unknown[],
    events: readonly ChangeEvent[] = [account()],
    known: KnownFields = {},
  ): readonly string[] => {
    const logger = warnings();
    const test = predicate(path, operator, operand);
    events.forEach((event) => test(ofClient(event, logger, known)));
    return logger.texts;
  };

  describe('of a name', () => {
    it('says nothing of one that the schema has, whatever the event tells of it', () => {
      const events = [account(), account('UPDATE'), account('DELETE'), account('GAP_UPDATE')];
      for (const path of ['Name', 'Amount', 'BillingAddress', 'BillingAddress.City']) {
        expect(warningsOf(path, 'changed', [], events)).to.deep.equal([]);
      }
    });

    it('names the closest one', () => {
      expect(warningsOf('BillingCity', 'equals', ['Rome'])).to.deep.equal([
        "'equals' of BillingCity: Account has no such field, so no event of it passes. Did you mean BillingAddress.City? " +
          'Where a stream has several objects, and this one need not have the field, say so by ' +
          "{ onMismatch: 'ignore' } after the operand.",
      ]);
    });

    it('knows where the id of a record is', () => {
      expect(warningsOf('Id', 'isNotNull', [])[0]).to.include('header.recordIds');
    });

    it('looks into compounds', () => {
      expect(warningsOf('BillingAddress.Town', 'isNull', [])[0]).to.include('of BillingAddress.Town: Account has no');
    });

    it('warns once of each object', () => {
      const events = [account(), contact(), account(), contact()];
      const objects = warningsOf('Amuont', 'isNull', [], events).map((text) => /: (\w+) has no/.exec(text)?.[1]);
      expect(objects).to.deep.equal(['Account', 'Contact']);
    });

    it('says nothing of a gap, which has no data', () => {
      expect(warningsOf('Amuont', 'isNull', [], [account('GAP_CREATE'), account('GAP_OVERFLOW')])).to.deep.equal([]);
      expect(warningsOf('Amuont', 'isNull', [], [account('GAP_CREATE'), account()])).to.have.length(1);
    });

    it("tells one that the subscription's fields leave out", () => {
      const event = changeEvent({ data: { Name: 'x' } });
      const [warning] = warningsOf('Amount', 'equals', [1], [event], { wanted: ['Name'] });
      expect(warning).to.include("the subscription's fields leave Amount out of data");
      const child = warningsOf('BillingAddress.City', 'isNull', [], [event], { wanted: ['Name'] });
      expect(child[0]).to.include('leave BillingAddress out');
      expect(warningsOf('Name', 'equals', ['x'], [event], { wanted: ['Name'] })).to.deep.equal([]);
    });

    it('says nothing of what is in data all the same, as of a record that was read again', () => {
      const read = changeEvent({ changeType: 'SNAPSHOT', data: { Formula__c: 1, BillingAddress: { Town: 'x' } } });
      expect(warningsOf('Formula__c', 'equals', [1], [read])).to.deep.equal([]);
      expect(warningsOf('BillingAddress.Town', 'equals', ['x'], [read])).to.deep.equal([]);
      expect(warningsOf('Formula__c', 'equals', [1], [read, account()])).to.have.length(1);
    });

    it('says nothing of an event that a test has made, whatever is in it', () => {
      const logger = warnings();
      const test = predicate('Amuont', 'isNull', [], { logger, onMismatch: 'error' });
      expect([changeEvent(), changeEvent({ data: { Name: 'x' } })].map(test)).to.deep.equal([undefined, undefined]);
      expect(logger.texts).to.deep.equal([]);
    });

    it('knows the copies that operators make of an event', () => {
      const logger = warnings();
      const event = ofClient(changeEvent({ recordIds: ['1', '2'], data }), logger);
      const test = predicate('Amuont', 'isNull', []);
      of(event)
        .pipe(expandMerged(), toRecords())
        .subscribe((change) => test(change));
      expect(logger.texts).to.have.length(1);
    });
  });

  describe('of an operand', () => {
    const odd: [string, FieldOperator, unknown[], string][] = [
      ['Amount', 'greaterThan', ['1000000'], 'Amount of Account is a number, and is compared with a text'],
      ['Amount', 'equals', ['x'], 'compared with a text'],
      ['Amount', 'notEquals', [true], 'compared with a boolean'],
      ['Amount', 'in', [[1, '2']], 'compared with a text'],
      ['Amount', 'between', ['1', '2'], 'compared with a text'],
      ['Amount', 'contains', ['1'], 'compared with a text'],
      ['Amount', 'matches', [/1/], 'compared with a text'],
      ['Amount', 'changedTo', ['1'], 'milliseconds since 1970'],
      ['Active', 'lessThan', [1], 'Active of Account is a boolean, and is compared with a number'],
      ['Active', 'equals', ['true'], 'compared with a text'],
      ['Name', 'equals', [1], 'Name of Account is a text or a compound, and is compared with a number'],
      ['Photo', 'equals', ['x'], 'bytes'],
      ['BillingAddress', 'equals', ['Rome'], 'Name a part of it, such as BillingAddress.City'],
      ['BillingAddress.City', 'notIn', [[1]], 'BillingAddress.City of Account is a text'],
    ];
    for (const [path, operator, operand, told] of odd) {
      it(`warns of ${path} ${operator} ${JSON.stringify(operand)}`, () => {
        const texts = warningsOf(path, operator, operand, [account('UPDATE'), account()]);
        expect(texts).to.have.length(1);
        expect(texts[0]).to.include(told);
      });
    }

    const fitting: [string, FieldOperator, unknown[]][] = [
      ['Amount', 'greaterThan', [1n]],
      ['Amount', 'in', [[1, null]]],
      ['Amount', 'equals', [null]],
      ['Name', 'matches', [/x/]],
      ['Name', 'between', ['a', 'b']],
      ['Active', 'changedTo', [false]],
      ['BillingAddress', 'isNotNull', []],
      ['Name', 'in', [[]]],
    ];
    for (const [path, operator, operand] of fitting) {
      it(`says nothing of ${path} ${operator}`, () => {
        expect(warningsOf(path, operator, operand)).to.deep.equal([]);
      });
    }

    it('says nothing of a field whose kind is not known', () => {
      expect(warningsOf('Odd', 'equals', [1], undefined, { kinds: { Odd: [] } })).to.deep.equal([]);
    });

    it('goes by the first value, where there is no schema, and warns once', () => {
      const logger = warnings();
      const test = predicate('Amount', 'greaterThan', ['1'], { logger });
      test(changeEvent({ data: { Amount: null } }));
      test(changeEvent({ data: {} }));
      expect(logger.texts).to.deep.equal([]);
      test(changeEvent({ data: { Amount: 2 } }));
      test(changeEvent({ data: { Amount: 3 } }));
      expect(logger.texts).to.have.length(1);
      expect(logger.texts[0]).to.include('the field is a number, and is compared with a text');
    });

    it('says nothing of values that fit, nor of compounds, where there is no schema', () => {
      const logger = warnings();
      const test = predicate('Name', 'equals', ['x'], { logger });
      for (const Name of [{ FirstName: 'x' }, 'y', 1]) test(changeEvent({ data: { Name } }));
      expect(logger.texts).to.deep.equal([]);
    });
  });

  describe('onMismatch', () => {
    const made = (onMismatch: MismatchPolicy) => predicate('Amuont', 'isNull', [], { onMismatch });

    it('ignores it, when told to', () => {
      const logger = warnings();
      expect(made('ignore')(ofClient(account(), logger))).to.equal(undefined);
      expect(logger.texts).to.deep.equal([]);
    });

    it('throws each time, when it is an error', () => {
      const test = made('error');
      for (const event of [ofClient(account()), ofClient(account())]) {
        expect(() => test(event)).to.throw(ConfigurationError, 'Did you mean Amount?');
        expect(() => test(event)).to.throw(ConfigurationError);
      }
      const text = predicate('Amount', 'equals', ['1'], { onMismatch: 'error' });
      expect(() => text(ofClient(account()))).to.throw(ConfigurationError, 'compared with a text');
      expect(() => text(account())).to.throw(ConfigurationError, 'compared with a text');
    });

    it('is not asked of objects that a function before it keeps away', () => {
      const isContact: ChangePredicate<ChangeEvent> = ({ header }) => header.entityName === 'Contact';
      const test = allOf(isContact, predicate('Email', 'isNotNull', [], { onMismatch: 'error' }));
      const known = { kinds: { Email: ['text'] } } as const;
      const email = ofClient(changeEvent({ entityName: 'Contact', data: { Email: 'x' } }), undefined, known);
      expect([ofClient(account()), email].map(test)).to.deep.equal([false, true]);
    });
  });

  describe('options', () => {
    it('choose the logger', () => {
      const [own, other] = [warnings(), warnings()];
      predicate('Amuont', 'isNull', [], { logger: own })(ofClient(account(), other));
      expect([own.texts.length, other.texts.length]).to.deep.equal([1, 0]);
    });

    const refused: [string, object, string][] = [
      ['an unknown one', { onMissing: 'warn' }, 'no option "onMissing"'],
      ['an unknown policy', { onMismatch: 'never' }, 'onMismatch is never'],
      ['a logger that is none', { logger: {} }, 'function warn'],
    ];
    for (const [what, options, told] of refused) {
      it(`refuse ${what}, at the call`, () => {
        expect(() => predicate('Name', 'isNull', [], options)).to.throw(ConfigurationError, told);
      });
    }

    it('are no operand, and a missing operand is still missing', () => {
      for (const operand of [[], [undefined]]) {
        expect(() => predicate('Name', 'equals', operand)).to.throw(ConfigurationError, 'but got');
        expect(() => field<ChangeEvent, 'equals'>('Name', 'equals', ...(operand as unknown as [string]))).to.throw(
          ConfigurationError,
          'but got nothing',
        );
      }
    });

    it('are told from a Date, whose number of milliseconds is asked for', () => {
      const date = new Date(5) as unknown as number;
      expect(() => field<ChangeEvent, 'lessThan'>('Name', 'lessThan', date)).to.throw(
        ConfigurationError,
        'its getTime(), which is 5',
      );
    });
  });
});
