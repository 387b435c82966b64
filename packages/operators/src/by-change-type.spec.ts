import { expect } from 'chai';
import { ConfigurationError, type ChangeType } from '@rxforce/core/model';
import { delivered, runMarbles } from '@rxforce/core/testing';
import { changeEvent } from '../test/support/events.js';
import { runDiagram } from '../test/support/marble-doc.js';
import { byChangeType } from './by-change-type.js';

const values = {
  c: changeEvent({ changeType: 'CREATE' }),
  u: changeEvent({ changeType: 'UPDATE' }),
  d: changeEvent({ changeType: 'DELETE' }),
};

describe('byChangeType', () => {
  it('does what its diagram shows', () => {
    runDiagram('by-change-type.ts', byChangeType('CREATE', 'DELETE'), { source: values, result: values });
  });

  const cases: [string, string, string, string][] = [
    ['never', '-----', '-----', '^'],
    ['an empty source', '--|', '--|', '^-!'],
    ['one that passes', '-c-|', '-c-|', '^--!'],
    ['one that does not', '-u-|', '---|', '^--!'],
    ['many at once', '-(cud)-|', '-(cd)--|', '^------!'],
    ['an error', '-c-#', '-c-#', '^--!'],
  ];
  for (const [what, source, result, subscription] of cases) {
    it(`passes on what was asked for, with ${what}`, () => {
      runMarbles(({ cold, expectObservable, expectSubscriptions }) => {
        const input = cold(source, values);
        expectObservable(input.pipe(byChangeType('CREATE', 'DELETE'))).toBe(result, values);
        expectSubscriptions(input.subscriptions).toBe(subscription);
      });
    });
  }

  it('unsubscribes from its source, when unsubscribed', () => {
    runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('-c-c-c', values);
      expectObservable(source.pipe(byChangeType('CREATE')), '^---!').toBe('-c-c-', values);
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('settles what it drops and what it passes on', () => {
    runMarbles(({ hot, scheduler, flush }) => {
      const source = delivered(hot('-c-u-d', values), scheduler);
      source.values.pipe(byChangeType('UPDATE')).subscribe();
      flush();
      expect(source.settled.map(({ at }) => at)).to.deep.equal([1, 3, 5]);
    });
  });

  it('refuses no type at all, and one that does not exist', () => {
    expect(() => byChangeType()).to.throw(ConfigurationError, 'got none');
    expect(() => byChangeType('CREATED' as ChangeType)).to.throw(ConfigurationError, '"CREATED"');
  });
});
