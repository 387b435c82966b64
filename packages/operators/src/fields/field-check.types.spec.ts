import { expect } from 'chai';
import type { ChangeEvent } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import type { ChangePredicate } from './change-predicate.js';
import { field } from './field-predicate.js';

describe('The types of field', () => {
  interface Lead {
    readonly Name: string | { readonly FirstName: string | null } | null;
    readonly Amount: number | null;
    readonly Big: number | bigint | null;
    readonly Active: boolean | null;
    readonly Status: 'Open' | 'Closed' | null;
    readonly Rating: 'Hot' | (string & {}) | null;
    readonly Address: { readonly City: string | null; readonly Latitude: number | null } | null;
    readonly Optional__c?: number | null;
    readonly Odd: unknown;
  }
  type Of = ChangePredicate<ChangeEvent<Lead>>;

  it('take the operand by the field', () => {
    const right: Of[] = [
      field('Name', 'contains', 'x'),
      field('Name', 'equals', null),
      field('Name.FirstName', 'in', ['x', null]),
      field('Amount', 'greaterThan', 1),
      field('Amount', 'between', 1, 2n),
      field('Big', 'equals', 1n),
      field('Active', 'equals', true),
      field('Status', 'in', ['Open', 'Closed', null]),
      field('Status', 'greaterThan', 'M'),
      field('Status', 'matches', /O/, { onMismatch: 'error' }),
      field('Rating', 'equals', 'Cold'),
      field('Address', 'isNull', { onMismatch: 'ignore' }),
      field('Address.Latitude', 'lessThan', 1),
      field('Optional__c', 'changedTo', 1, { logger: console }),
      field('Odd', 'equals', 'x'),
      field('Odd', 'between', 1, 2),
    ];
    expect(right.map((test) => typeof test)).to.deep.equal(right.map(() => 'function'));
  });

  it('refuse what never matches', () => {
    const wrong: (() => Of)[] = [
      // @ts-expect-error -- a number and a text
      () => field('Amount', 'greaterThan', '1000000'),
      // @ts-expect-error -- a number and a text
      () => field('Amount', 'equals', '1'),
      // @ts-expect-error -- a number and a boolean
      () => field('Amount', 'notEquals', false),
      // @ts-expect-error -- one of them is a text
      () => field('Amount', 'in', [1, '2']),
      // @ts-expect-error -- two texts
      () => field('Amount', 'between', '1', '2'),
      // @ts-expect-error -- a number has no parts
      () => field('Amount', 'contains', '1'),
      // @ts-expect-error -- a number does not match a pattern
      () => field('Amount', 'matches', /1/),
      // @ts-expect-error -- a boolean is not in order
      () => field('Active', 'lessThan', 1),
      // @ts-expect-error -- a boolean and a text
      () => field('Active', 'changedTo', 'true'),
      // @ts-expect-error -- no value of the list
      () => field('Status', 'equals', 'Opne'),
      // @ts-expect-error -- a compound and a text
      () => field('Address', 'equals', 'Rome'),
      // @ts-expect-error -- a child that is a number
      () => field('Address.Latitude', 'startsWith', '1'),
      // @ts-expect-error -- a child that is a text
      () => field('Name.FirstName', 'equals', 1),
      // @ts-expect-error -- no policy
      () => field('Amount', 'isNull', { onMismatch: 'error', never: true }),
    ];
    expect(wrong).to.have.length(14);
  });

  it('take anything, where the record is not known', () => {
    const untyped: ChangePredicate<ChangeEvent>[] = [
      field('Amount', 'greaterThan', '1'),
      field('Address.City', 'equals', 1),
      field('Name', 'in', [1, 'x', true, null]),
      field('Name', 'contains', 'x', { onMismatch: 'ignore' }),
    ];
    expect(untyped.map((test) => test(changeEvent()))).to.deep.equal(untyped.map(() => undefined));
  });
});
