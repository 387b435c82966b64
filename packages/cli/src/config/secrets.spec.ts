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
  it('shows the host of a webhook, and no option of a module', () => {
    const shownOf = (url: string) => withoutSecrets(settings, { sinks: { a: { type: 'webhook', url } } });
    for (const [url, shown] of [
      ['https://hooks.example/services/T0/token?sig=1', 'https://hooks.example/***'],
      ['https://hooks.example?sig=1', 'https://hooks.example/***'],
      ['https://h:8443/', 'https://h:8443/'],
      ['http://u:p@h', 'http://u:***@h'],
      ['${URL}', '***'],
    ] as const) {
      expect(shownOf(url)).to.deep.equal({ sinks: { a: { type: 'webhook', url: shown } } });
    }
    const sink = { type: 'module', path: './sink.mjs' };
    const options = { token: 'abcd', more: { list: ['abcd', 5] } };
    expect(withoutSecrets(settings, { sinks: { a: { ...sink, options } } })).to.deep.equal({
      sinks: { a: { ...sink, options: { token: '***', more: { list: ['***', '***'] } } } },
    });
  });

  it('hides what the schema marks, headers of a webhook one by one, and passwords in URLs', () => {
    const shown = withoutSecrets(settings, {
      salesforce: { username: 'u', password: 'p' },
      sinks: { a: { type: 'webhook', url: 'https://u:p@h/x', headers: { authorization: 'p' } } },
      redis: { url: 'redis://h', lease: true },
    });
    expect(shown).to.deep.equal({
      salesforce: { username: 'u', password: '***' },
      sinks: { a: { type: 'webhook', url: 'https://u:***@h/***', headers: { authorization: '***' } } },
      redis: { url: '***', lease: true },
    });
  });
});
