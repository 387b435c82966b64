import { expect } from 'chai';
import { NEVER, of, Subject, type Observable } from 'rxjs';
import type { Status } from '@rxforce/core';
import { RxforceError } from '@rxforce/core/model';
import { mergeOrgs } from './merge-orgs.js';
import type { OrgFailure } from '../model/errors.js';
import { failedWith, merged, quiet, refused, source, unreachable } from '../../test/support/merged-orgs.js';

describe('OrgsFailedError', () => {
  it('is retriable, when all failures are, and has the first one as its cause', () => {
    const emea = { org: 'emea', error: unreachable };
    const amer = { org: 'amer', error: refused };
    expect(failedWith(emea)).to.include({ code: 'orgs-failed', retriable: true, cause: unreachable });
    expect(failedWith(emea, amer)).to.include({ code: 'orgs-failed', retriable: false, cause: unreachable });
    expect(failedWith(emea, amer).failures).to.deep.equal([emea, amer]);
  });

  it('says which orgs failed, and why', () => {
    const { message } = failedWith({ org: 'emea', error: unreachable }, { org: 'amer', error: refused });
    expect(message).to.equal(
      'The events of all orgs are over, and those of 2 ended with an error. emea: The org cannot be reached. amer: The ' +
        'login was refused.',
    );
  });
});

describe('mergeOrgs, wrongly called', () => {
  const client = source(NEVER);
  const events = () => NEVER;
  const wrong: [string, unknown[], RegExp][] = [
    ['no clients', [{}, events], /no clients/],
    ['nothing for them', [undefined, events], /no clients/],
    ['something that is no client', [{ emea: client, amer: {} }, events], /amer that is no client/],
    ['undefined for a client', [{ amer: undefined }, events], /amer that is no client/],
    ['no function', [{ emea: client }], /needs a function/],
    ['a function that gives no Observable', [{ emea: client }, () => [1]], /no Observable for emea/],
    ['an unknown option', [{ emea: client }, events, { onError: 1 }], /"onError".*onOrgFailed, logger/],
    ['a logger that cannot warn', [{ emea: client }, events, { logger: {} }], /logger must have a function warn/],
    ['an onOrgFailed that is no function', [{ emea: client }, events, { onOrgFailed: 1 }], /must be a function/],
  ];
  for (const [what, args, message] of wrong) {
    it(`throws a ConfigurationError, given ${what}`, () => {
      const call = mergeOrgs as (...args: unknown[]) => unknown;
      expect(() => call(...args))
        .to.throw(RxforceError, message)
        .with.property('code', 'configuration');
    });
  }

  it('throws what the function throws', () => {
    const stop = () => {
      throw new Error('no');
    };
    expect(() => mergeOrgs({ emea: client }, stop)).to.throw('no');
  });

  for (const [kind, value] of [
    ['Array', [1]],
    ['Map', new Map()],
    ['String', 'text'],
    ['null', null],
  ] as const) {
    it(`fails the org whose events are no plain objects (${kind})`, () => {
      const failures: string[] = [];
      const onOrgFailed = ({ error }: OrgFailure) => void failures.push(error.message);
      const values$ = of(value) as Observable<object>;
      merged({ emea: values$, amer: NEVER }, { ...quiet, onOrgFailed }).subscribe();
      expect(failures).to.have.length(1);
      expect(failures[0]).to.include(`a value of emea that is no plain object (${kind})`);
    });
  }

  it('takes objects without a prototype', () => {
    const seen: object[] = [];
    const bare = Object.assign(Object.create(null) as object, { id: 1 });
    merged({ emea: of(bare) }).subscribe((event) => seen.push(event));
    expect(seen).to.deep.equal([{ id: 1, org: 'emea' }]);
  });

  it('never completes its status$, as failures may come at any subscription', () => {
    const ended = new Subject<Status>();
    let isOver = false;
    mergeOrgs({ emea: source(NEVER, ended) }, ({ events$ }) => events$).status$.subscribe({
      complete: () => (isOver = true),
    });
    ended.complete();
    expect(isOver).to.equal(false);
  });
});
