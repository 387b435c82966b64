import { expect } from 'chai';
import { ConfigurationError, type ChangeType } from '@rxforce/core/model';
import { changeEvent } from '@rxforce/core/testing';
import { behavesLikeAFilter } from '../test/support/behaves-like-a-filter.js';
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

  behavesLikeAFilter(byChangeType('CREATE', 'DELETE'), { passes: values.c, dropped: values.u });

  it('refuses no type at all, and one that does not exist', () => {
    expect(() => byChangeType()).to.throw(ConfigurationError, 'got none');
    expect(() => byChangeType('CREATED' as ChangeType)).to.throw(ConfigurationError, '"CREATED"');
  });
});
