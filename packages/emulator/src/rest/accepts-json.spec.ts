import { expect } from 'chai';
import { acceptsJson } from './accepts-json.js';

describe('acceptsJson', () => {
  it('is true, when a range holds JSON or nothing is said', () => {
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/json',
      'Application/JSON; charset=UTF-8',
      'application/xml;q=0.9, */*;q=0.8',
      'text/html,application/*;q=0.1',
    ]) {
      expect(acceptsJson(accept), accept).to.equal(true);
    }
  });

  it('is false, when no range holds JSON', () => {
    for (const accept of ['application/xml', 'text/*', 'application/json;q=0', 'application/json;q=0.0, text/xml']) {
      expect(acceptsJson(accept), accept).to.equal(false);
    }
  });
});
