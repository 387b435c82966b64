import { expect } from 'chai';
import { ConnectionError } from '../model/errors.js';
import { openedSession } from './session-answer.js';

const SESSION = {
  accessToken: '00D!secret',
  instanceUrl: 'https://acme.my.salesforce.com',
  organizationId: '00D000000000001',
};

/** A session whose token is read from somewhere, which fails. */
const failing = (error: unknown) =>
  Object.defineProperty({ ...SESSION }, 'accessToken', {
    get: () => {
      throw error;
    },
  });
const errorOf = (answer: unknown): unknown => {
  try {
    return openedSession(answer, 0);
  } catch (error) {
    return error;
  }
};

describe('The session of a provider', () => {
  it('is what the provider gave', () => {
    expect(openedSession(SESSION, 0)).to.include(SESSION);
  });

  it('fails with the error that reading it throws, so that one that may pass is tried again', () => {
    const away = new ConnectionError('The vault is away.');
    expect(errorOf(failing(away))).to.equal(away);
  });

  it('is none, and shows nothing of what was thrown, when that is no error of rxforce', () => {
    const error = errorOf(failing(new Error('00D!secret')));
    expect(error).to.include({ code: 'authentication', reason: 'answer-incomplete', retriable: false });
    expect(JSON.stringify(error)).not.to.include('secret');
  });
});
