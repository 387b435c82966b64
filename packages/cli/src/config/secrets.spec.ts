import { expect } from 'chai';
import { hider, withoutSecrets } from './secrets.js';
import { settings } from './settings/settings.js';

describe('hider', () => {
  const hide = hider(['pass"word', 'pass', 'line\nbreak']);

  it('puts *** in the place of each secret, the longest first', () => {
    expect(hide('pass"word and pass, passed')).to.equal('*** and ***, ***ed');
  });

  it('finds secrets in JSON, too', () => {
    expect(hide(JSON.stringify({ a: 'pass"word', b: 'line\nbreak' }))).to.equal('{"a":"***","b":"***"}');
  });
});

describe('withoutSecrets', () => {
  it('hides what the schema marks, headers of a webhook one by one, and passwords in URLs', () => {
    const shown = withoutSecrets(settings, {
      salesforce: { username: 'u', password: 'p' },
      sinks: { a: { type: 'webhook', url: 'https://u:p@h/x', headers: { authorization: 'p' } } },
      redis: { url: 'redis://h', lease: true },
    });
    expect(shown).to.deep.equal({
      salesforce: { username: 'u', password: '***' },
      sinks: { a: { type: 'webhook', url: 'https://u:***@h/x', headers: { authorization: '***' } } },
      redis: { url: '***', lease: true },
    });
  });
});
