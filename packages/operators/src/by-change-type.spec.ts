import { expect } from 'chai';
import { from, map, of, toArray, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { CHANGE_TYPES, ConfigurationError, type ChangeEvent, type ChangeType } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { behavesLikeAFilter } from '../test/support/behaves-like-a-filter.js';
import { runDiagram } from '../test/support/marble-doc.js';
import { byChangeType, type ChangeTypeOrGroup } from './by-change-type.js';

const values = {
  c: changeEvent({ changeType: 'CREATE' }),
  u: changeEvent({ changeType: 'UPDATE' }),
  d: changeEvent({ changeType: 'DELETE' }),
};

function passing(...types: readonly ChangeTypeOrGroup[]): readonly ChangeType[] {
  let passed: readonly ChangeType[] = [];
  from(CHANGE_TYPES.map((changeType) => changeEvent({ changeType })))
    .pipe(
      byChangeType(...types),
      map(({ header }) => header.changeType),
      toArray(),
    )
    .subscribe((all) => (passed = all));
  return passed;
}

describe('byChangeType', () => {
  it('does what its diagram shows', () => {
    runDiagram('by-change-type.ts', byChangeType('CREATE', 'DELETE'), { source: values, result: values });
  });

  behavesLikeAFilter<ChangeEvent>(byChangeType('CREATE', 'DELETE'), { passes: values.c, dropped: values.u });

  for (const type of CHANGE_TYPES) {
    it(`passes on ${type} alone, when asked for it`, () => expect(passing(type)).to.deep.equal([type]));
  }

  it('passes on every gap, overflow included, when asked for GAP', () => {
    const gaps = ['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW'];
    expect(passing('GAP')).to.deep.equal(gaps);
    expect(passing('DELETE', 'GAP', 'GAP_CREATE')).to.deep.equal(['DELETE', ...gaps]);
  });

  it('refuses no type at all, and one that does not exist', () => {
    expect(() => byChangeType()).to.throw(ConfigurationError, 'got none');
    for (const type of ['CREATED', 'GAP_', '', 'gap']) {
      expect(() => byChangeType('CREATE', type as ChangeType)).to.throw(ConfigurationError, `"${type}"`);
    }
  });

  it('tells what follows which types there are, and keeps the rest of the event', () => {
    interface Lead {
      readonly Name: string;
    }
    type Enriched = ChangeEvent<Lead> & { readonly region: 'EU' | 'US' };
    const events$ = of({ ...changeEvent<Lead>({ data: { Name: 'x' } }), region: 'EU' }) as Observable<Enriched>;
    const created$: Observable<['CREATE', 'EU' | 'US', string | undefined, string | undefined]> = events$.pipe(
      byChangeType('CREATE'),
      map(({ header, region, data }) => [header.changeType, region, data.Name, header.recordIds[0]]),
    );
    const gaps$: Observable<'DELETE' | `GAP_${'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE' | 'OVERFLOW'}`> =
      events$.pipe(
        byChangeType('DELETE', 'GAP'),
        map(({ header }) => header.changeType),
      );
    // @ts-expect-error -- an UPDATE is no CREATE
    const wrong$: typeof created$ = events$.pipe(
      byChangeType('UPDATE'),
      map(({ header }) => [header.changeType]),
    );
    // @ts-expect-error -- it may be a DELETE
    const tooNarrow$: Observable<'CREATE'> = events$.pipe(
      byChangeType('CREATE', 'DELETE'),
      map(({ header }) => header.changeType),
    );
    // @ts-expect-error -- there is no such type
    expect(() => byChangeType('CREATED')).to.throw(ConfigurationError);
    const same: MonoTypeOperatorFunction<ChangeEvent<Lead>> = byChangeType('CREATE');
    const seen: unknown[] = [];
    created$.subscribe((value) => seen.push(value));
    [gaps$, wrong$, tooNarrow$, events$.pipe(same)].forEach((each) => expect(each).to.have.property('pipe'));
    expect(seen).to.deep.equal([['CREATE', 'EU', 'x', '001000000000001AAA']]);
  });
});
