import { anotherCopy } from '../../test/support/another-copy.js';
import { expect } from 'chai';
import type { ErrorBase } from './error-base.js';
import * as exported from './errors.js';
import {
  AuthenticationError,
  ConfigurationError,
  errorOf,
  EventLogError,
  OrgsFailedError,
  PublishError,
  ReplayStoreError,
  RxforceError,
  SchemaError,
  type AnyRxforceError,
} from './errors.js';

type ErrorClass = new (message: string) => AnyRxforceError;

const classes = Object.values(exported).filter(
  (each): each is ErrorClass & typeof each => each !== OrgsFailedError && 'prototype' in each && isErrorClass(each),
);

function isErrorClass({ prototype }: { readonly prototype: unknown }): boolean {
  return prototype instanceof RxforceError;
}

/** One error of each class. */
const each: readonly AnyRxforceError[] = [
  ...classes.map((Class: ErrorClass) =>
    Object.is(Class, PublishError) ? new PublishError('refused', 'x') : new Class('x'),
  ),
  new OrgsFailedError([{ org: 'emea', error: new ConfigurationError('x') }]),
];
const classOf = (error: AnyRxforceError) =>
  error.constructor as unknown as { is(value: unknown): boolean; name: string };

describe('Each class of errors', () => {
  for (const error of each) {
    it(`is known by its own brand alone: ${error.name}`, () => {
      const { is, name } = classOf(error);
      expect(name).to.equal(error.name);
      // Unbound, as in filter(X.is).
      expect(each.filter((other) => is(other))).to.deep.equal([error]);
      expect([undefined, null, 'x', new Error('x'), { code: error.code }].filter(is)).to.deep.equal([]);
      expect(RxforceError.is(error) && error instanceof RxforceError && error instanceof Error).to.equal(true);
    });
  }

  it('has a code of its own', () => {
    expect(new Set(each.map(({ code }) => code)).size).to.equal(each.length);
  });

  it('is known by another copy of the package', async () => {
    const other = await anotherCopy();
    const foreign = new other.ConfigurationError('x');
    expect(foreign).not.to.be.instanceOf(ConfigurationError);
    expect(foreign).not.to.be.instanceOf(RxforceError);
    expect([RxforceError.is(foreign), ConfigurationError.is(foreign), AuthenticationError.is(foreign)]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('is made by its code', () => {
    for (const { code, name } of each) {
      if (code === 'publish' || code === 'orgs-failed') continue;
      expect(errorOf(code, 'x')).to.include({ name, code });
    }
  });

  it('says by itself whether it may pass, unless it is told', () => {
    const retriable = each.filter((error) => error.retriable).map(({ code }) => code);
    expect(retriable).to.have.members([
      'connection',
      'stream-ended',
      'throttled',
      'replay-store',
      'lease',
      'work-timeout',
      'dead-letter-queue',
      'sink',
      'event-log',
      'commit-refused',
    ]);
    expect(new ReplayStoreError('x', { retriable: false })).to.include({ retriable: false });
    expect(new EventLogError('x', { reason: 'gap' })).to.include({ retriable: false });
  });
});

describe('The code of an error', () => {
  it('narrows it to its class, and so to its fields', () => {
    const told = (error: RxforceError): unknown => {
      if (error.code === 'publish') return [error.reason, error.outcome];
      if (error.code === 'authentication') return error.reason;
      if (error.code === 'schema-invalid') return error.actualSchemaId;
      if (error.code === 'orgs-failed') return error.failures.map(({ org }) => org);
      const rest: ErrorBase = error;
      return rest.message;
    };
    expect(told(new PublishError('refused', 'x'))).to.deep.equal(['refused', 'not-published']);
    expect(told(new AuthenticationError('x', { reason: 'clock-skew' }))).to.equal('clock-skew');
    expect(told(new SchemaError('x', { actualSchemaId: 'a' }))).to.equal('a');
    expect(told(new OrgsFailedError([{ org: 'emea', error: new ConfigurationError('x') }]))).to.deep.equal(['emea']);
    expect(told(new ConfigurationError('y'))).to.equal('y');
  });

  it('narrows what RxforceError.is and from give', () => {
    const thrown: unknown = new PublishError('overflow', 'x');
    expect(RxforceError.is(thrown) && thrown.code === 'publish' && thrown.reason).to.equal('overflow');
    expect(thrown instanceof RxforceError && thrown.code === 'publish' && thrown.reason).to.equal('overflow');
    const other = RxforceError.from(new Error('boom'));
    expect(other).to.include({ code: 'service', retriable: false });
  });
});
