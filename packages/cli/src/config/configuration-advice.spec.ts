import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseConfiguration } from './configuration.js';
import { lineOf } from './place.js';

const GUIDE = new URL('../../../../docs/guides/configuration.md', import.meta.url);

/** The hints on a configuration, or what is wrong with it. */
const linesOf = (text: string): readonly string[] => {
  const loaded = parseConfiguration(`salesforce: {}\n${text}`, { file: 'config.yaml', environment: {} });
  return (loaded.err ? loaded.val : loaded.val.hints).map(lineOf);
};

describe('parseConfiguration, of addresses and sinks,', () => {
  it('gives a hint on a secret in the file, and none on an address without one', () => {
    const hintsOf = (nats: string, redis: string, postgres: string) =>
      linesOf(`topics: [{ topic: Account, sink: a }, { topic: Lead, sink: b }]
redis: { url: '${redis}' }
sinks: { a: { type: nats, url: '${nats}', subject: a.b }, b: { type: postgres, url: '${postgres}' } }
`).map((line) => line.split(' ')[1]);
    expect(hintsOf('nats://host:4222,tls://b:4222', 'redis://host', 'postgres://host/db')).to.deep.equal([]);
    const secrets = hintsOf('nats://token@host', 'redis://:pass@host', 'postgres://host/db?password=p');
    expect(secrets).to.have.members(['sinks.a.url:', 'sinks.b.url:', 'redis.url:']);
  });

  it('gives a hint on a sink that nothing goes to, and on a topic that goes to none of several', () => {
    const several = 'sinks:\n  a: { type: file, path: a }\n  b: { type: file, path: b }\n';
    const one = 'sinks: { a: { type: file, path: a } }';
    expect(linesOf(`topics: [{ topic: Account, sink: a }, Lead]\n${several}`)).to.deep.equal([
      'config.yaml:2:39 topics[1]: goes to standard output, as there are several sinks: give sink: a or b.',
      'config.yaml:5:3 sinks.b: no topic goes to it: give a topic sink: b, or leave it out.',
    ]);
    expect(linesOf(`topics: [{ topic: Account, sink: a }, { topic: Lead, sink: b }]\n${several}`)).to.deep.equal([]);
    for (const sinks of [one, '']) expect(linesOf(`topics: [Account]\n${sinks}`)).to.deep.equal([]);
    const unused = linesOf(`topics: [{ topic: Account, pipeline: ./p.js }]\n${one}`);
    expect(unused.join()).to.include('sinks.a: no topic goes to it');
  });

  it('gives a hint, when the events of two orgs go to one sink without a word', () => {
    const of = (emea: string, amer: string) => {
      const org = '{ client_id: app, access_token: "${T}", instance_url: https://acme.my.salesforce.com }';
      const text = `orgs: { emea: ${org}, amer: ${org} }
topics: [{ topic: Account, org: emea${emea} }, { topic: Account, org: amer${amer} }]
sinks: { lines: { type: file, path: a } }`;
      const loaded = parseConfiguration(text, { file: 'config.yaml', environment: { T: '00D!token' } });
      return (loaded.err ? loaded.val : loaded.val.hints).map(lineOf);
    };
    expect(of('', ', sink: lines')).to.deep.equal([
      'config.yaml:2:10 topics[0]: goes to the sink lines, as do events of the org amer: give sink: lines if that is meant, or a sink of its own.',
    ]);
    expect(of('', '')).to.have.length(2);
    expect(of(', sink: lines', ', sink: lines')).to.deep.equal([]);
    expect(of('', ', sink: stdout')).to.deep.equal([]);
  });

  it('has no hint on the whole files that the guide shows', () => {
    const guide = readFileSync(GUIDE, 'utf8');
    const files = [...guide.matchAll(/^```yaml\n([^]*?)^```/gm)].flatMap(([, text = '']) => text);
    const whole = files.filter((text) => /^(salesforce|orgs):/m.test(text));
    expect(whole).to.have.length(2);
    for (const text of whole) {
      const names = [...text.matchAll(/\$\{([A-Z_]+)\}/g)].flatMap(([, name = '']) => name);
      const environment = Object.fromEntries(names.map((name) => [name, `of-${name}`]));
      const loaded = parseConfiguration(text, { file: 'config.yaml', environment });
      expect((loaded.err ? loaded.val : loaded.val.hints).map(lineOf)).to.deep.equal([]);
    }
  });

  it('wants a webhook to have an address of the web', () => {
    const problems = linesOf("topics: [Account]\nsinks: { a: { type: webhook, url: 'localhost:8080/hooks' } }");
    expect(problems.join()).to.include('sinks.a.url: must begin with https:// or http://');
  });
});
