import { expect } from 'chai';
import { inspect } from 'node:util';
import { sqlFailure } from './sql-failure.js';

const failed = (code: string, message = 'it failed', more: object = {}) =>
  sqlFailure(Object.assign(new Error(message), { code, ...more }));

describe('A failure of a database', () => {
  for (const code of [
    ...['08006', '57P01', '40001', '40P01', '55P03', '53300', '53100', '25006', '42P01', '42703'],
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT'],
    ...['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_LOCKED', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE'],
  ]) {
    it(`may pass, when its code is ${code}`, () => expect(failed(code).retriable).to.equal(true));
  }

  for (const code of [
    ...['23505', '22P02', '42601', '42501', '28P01', '3D000', '3F000', '54000', '42804', '42P10'],
    ...['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CORRUPT', 'SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_ERROR'],
    ...['SELF_SIGNED_CERT_IN_CHAIN'],
  ]) {
    it(`lasts, when its code is ${code}`, () => expect(failed(code).retriable).to.equal(false));
  }

  for (const [message, retriable] of Object.entries({
    'Connection terminated unexpectedly': true,
    'timeout exceeded when trying to connect': true,
    'Query read timeout': true,
    'Cannot use a pool after calling end on the pool': false,
    'The server does not support SSL connections': false,
    'The database connection is not open': false,
    'Cannot open database because the directory does not exist': false,
    'nobody knows this': true,
  })) {
    it(`${retriable ? 'may pass' : 'lasts'}, when it says "${message}"`, () => {
      expect(sqlFailure(new Error(message)).retriable).to.equal(retriable);
    });
  }

  for (const [code, isOutage] of Object.entries({
    ...{
      '08006': true,
      '57P01': true,
      '53300': true,
      '53100': true,
      '25006': true,
      ECONNREFUSED: true,
      ENOTFOUND: true,
    },
    ...{ SQLITE_FULL: true, SQLITE_IOERR_WRITE: true },
    ...{ '40001': false, '40P01': false, '42P01': false, SQLITE_BUSY: false, '23505': false, SQLITE_CORRUPT: false },
  })) {
    it(`says ${isOutage ? 'of the whole database' : 'only of this call'} that it fails, when its code is ${code}`, () => {
      expect(failed(code).isOutage).to.equal(isOutage);
    });
  }

  it('says of the whole database that it fails, when there is no connection, and not when one statement takes long', () => {
    const isOutage = (message: string) => sqlFailure(new Error(message)).isOutage;
    expect([isOutage('Connection terminated unexpectedly'), isOutage('Query read timeout')]).to.deep.equal([
      true,
      false,
    ]);
  });

  it('has no values of a record, wherever the database put them', () => {
    const secrets = { detail: 'Key (email)=(secret)', hint: 'secret', where: 'secret', query: 'secret' };
    for (const code of ['22P02', '23505', 'XX000', 'SQLITE_CONSTRAINT_TRIGGER', '']) {
      const failure = failed(code, 'invalid input: "secret"', {
        ...secrets,
        table: 'account',
        constraint: 'one_email',
      });
      expect(inspect(failure, { depth: 9, showHidden: true })).not.to.include('secret');
      expect(failure.message).to.include('one_email');
    }
  });

  it('says what the database said, when that has no values', () => {
    expect(failed('42703', 'column "x" does not exist').message).to.include(
      'column "x" does not exist. (SQLSTATE 42703)',
    );
    expect(failed('ECONNREFUSED', '').message).to.include('ECONNREFUSED');
  });

  it('can be made of anything that is thrown', () => {
    for (const thrown of [undefined, null, 'text', 7, {}])
      expect(sqlFailure(thrown)).to.include({ name: 'SqlFailure' });
  });
});
