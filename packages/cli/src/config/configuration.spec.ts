import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseConfiguration } from './configuration.js';
import type { Environment } from './interpolate.js';
import { lineOf } from './place.js';
import { HIDDEN, withoutSecrets } from './secrets.js';
import { settings } from './settings/settings.js';

import { load, LOGIN, problemsOf, TOPICS } from '../../test/support/configurations.js';

const SEED = fileURLToPath(new URL('../../../../../shared/data/config.seed.yaml', import.meta.url));

describe('parseConfiguration', () => {
  it('takes the reference configuration as it is, and keeps its meaning', function () {
    if (!existsSync(SEED)) this.skip();
    const { configuration, hints } = load(readFileSync(SEED, 'utf8'));
    expect(configuration.topics.map(({ topic }) => topic))
      .to.have.length(6)
      .and.include('/data/ChangeEvents');
    expect(configuration.processing).to.include({
      batch_size: 10,
      max_concurrent_events: 100,
      replay_from_stored: true,
      replay_storage_path: './replay',
      max_retries: 3,
      retry_delay_seconds: 5,
      dead_letter_queue_path: './failed_events',
    });
    expect(configuration.pubsub).to.include({ port: 7443, max_receive_message_length: 1_048_576 });
    expect(hints.map(({ setting }) => setting)).to.deep.equal([
      'salesforce.password',
      'salesforce.client_secret',
      'pubsub.max_receive_message_length',
    ]);
  });

  it('reports every problem at once, each with its place', () => {
    const text = `salesforce:
  pasword: hunter22
  client_secret: \${NOT_SET}
topics:
  - Account
  - /data/AccountChangeEvent
  - topic: Lead
    sikn: crm
    where: { Amount: { grater_than: 5 }, Name: { matches: '(' } }
  - { topic: /event/Order__e, snapshot: true, replay_from: yesterday, sink: crn }
  - { topic: /data/ChangeEvents, snapshot: true }
processing: { batch_size: ten, replay_from_stored: maybe, max_retries: -1 }
sinks:
  crm: { type: postgress }
  hook: { type: webhook, url: 3 }
logging: { format: '%(thread)s', level: LOUD }
http:
`;
    expect(problemsOf(text, { RXFORCE_PUBSUB__PROT: '1', RXFORCE_PUBSUB__PORT: 'abc' })).to.deep.equal([
      'config.yaml:1:1 salesforce.client_id: is missing. The login client_credentials needs client_id.',
      'config.yaml:2:3 salesforce.pasword: there is no such setting. Did you mean password?',
      'config.yaml:3:18 salesforce.client_secret: the variable NOT_SET is not set. Set it, or give a default: ${NOT_SET:-…}.',
      'config.yaml:6:5 topics[1]: this topic is there twice with the same name. Give one of them a name.',
      'config.yaml:8:5 topics[2].sikn: there is no such setting. Did you mean sink?',
      'config.yaml:9:24 topics[2].where.Amount.grater_than: there is no such setting. Did you mean greater_than?',
      'config.yaml:9:59 topics[2].where.Name.matches: must be a regular expression.',
      'config.yaml:10:41 topics[3].snapshot: platform events have no records.',
      'config.yaml:10:60 topics[3].replay_from: must be latest, earliest, a time such as 2026-01-31T12:00:00Z, or a replay id in base64.',
      'config.yaml:10:77 topics[3].sink: there is no sink of this name in sinks. Did you mean crm?',
      'config.yaml:11:44 topics[4].snapshot: a channel has several objects: name those whose records are read, such as [Account, Contact].',
      'config.yaml:12:27 processing.batch_size: must be a number.',
      'config.yaml:12:52 processing.replay_from_stored: must be true or false.',
      'config.yaml:12:72 processing.max_retries: must be 0 or more.',
      'config.yaml:14:16 sinks.crm.type: must be stdout, file, webhook, nats, postgres, sqlite, module or redis-stream. Did you mean postgres?',
      'config.yaml:15:31 sinks.hook.url: must be a text: put it between quotes.',
      'config.yaml:16:20 logging.format: must be pretty, json, or a format of Python with %(asctime)s, %(name)s, %(levelname)s, %(message)s; there is no %(thread)s here.',
      'config.yaml:16:41 logging.level: must be DEBUG, INFO, WARNING, WARN or ERROR.',
      'config.yaml:17:6 http: has nothing in it. Give settings, each on a line of its own, or remove it.',
      'the variable RXFORCE_PUBSUB__PROT: there is no such setting. Did you mean RXFORCE_PUBSUB__PORT?',
      'the variable RXFORCE_PUBSUB__PORT: must be a number.',
    ]);
  });

  it('also looks at the settings of a file that is no valid YAML', () => {
    expect(problemsOf(`${LOGIN}\n${TOPICS}\n${TOPICS}\nhtpp: {}`)).to.deep.equal([
      'config.yaml:3:1: it is no valid YAML: a name is there twice in one map. Remove one of them.',
      'config.yaml:4:1 htpp: there is no such setting. Did you mean http?',
    ]);
  });

  it('names the file as it was given, so that a terminal can open it', () => {
    for (const file of ['../conf/a.yaml', '/etc/my org/a.yaml']) {
      const loaded = parseConfiguration(`htpp: {}\n${LOGIN}\n${TOPICS}`, { file, environment: {} });
      expect(loaded.err ? loaded.val.map(lineOf) : []).to.deep.equal([
        `${file}:1:1 htpp: there is no such setting. Did you mean http?`,
      ]);
    }
  });

  it('has only the problems of the YAML, when that cannot be read', () => {
    expect(problemsOf('salesforce: { client_id: a }\ntopics: [a\n', { RXFORCE_PUBSUB__PROT: '1' })).to.deep.equal([
      'config.yaml:3:1: it is no valid YAML: a line is not indented as those around it are.',
    ]);
    expect(problemsOf(`htpp: {}\n  ${LOGIN}`).every((line) => line.includes('no valid YAML'))).to.equal(true);
  });

  it('wants a field and a comparison in where', () => {
    expect(
      problemsOf(`${LOGIN}\ntopics: [{ topic: Lead, where: {} }, { topic: Account, where: { A: {} } }]`),
    ).to.deep.equal([
      'config.yaml:2:32 topics[0].where: has no field in it. Name one, such as Name: { is_null: false }, or leave it out.',
      'config.yaml:2:68 topics[1].where.A: has no comparison in it. Give one, such as equals.',
    ]);
  });

  it('refuses two sinks with one file, however its path is written', () => {
    const sinks =
      'sinks: { a: { type: file, path: ./x/../e }, b: { type: file, path: e }, c: { type: file, path: f } }';
    expect(problemsOf(`${LOGIN}\n${TOPICS}\n${sinks}`)).to.deep.equal([
      'config.yaml:3:68 sinks.b.path: is the file of the sink a, too. Give it another one, or let the topics go to a.',
    ]);
  });

  it('wants a topic with a snapshot, when records are to be read again', () => {
    const of = (topics: string) =>
      problemsOf(`${LOGIN}\ntopics: [${topics}]\nprocessing: { on_lost_position: snapshot }`);
    expect(of('Account')).to.deep.equal([
      'config.yaml:3:33 processing.on_lost_position: snapshot needs a topic with snapshot: true, and there is none, so all of them would fail.',
    ]);
    expect(of('Account, { topic: Lead, snapshot: true }')).to.deep.equal([]);
  });

  it('asks for settings, when the file is empty or is no map', () => {
    expect(problemsOf('')).to.have.length(2);
    expect(problemsOf('- a')[0]).to.equal(
      'config.yaml:1:1: it must have settings, such as "salesforce:" and "topics:".',
    );
  });

  it('wants one org, or several and at each topic which', () => {
    const org = LOGIN.replace('salesforce: ', '');
    const orgs = `orgs:\n  emea: ${org}\n  amer: { client_id: a }`;
    expect(
      problemsOf(
        `${orgs}\ntopics: [Account, { topic: Lead, org: emae }]\nredis: { url: 'redis://h', lease: true, log: {} }`,
      ),
    ).to.deep.equal([
      'config.yaml:3:3 orgs.amer: does not say how to log in: give a private key, a client secret, a password or an access token.',
      'config.yaml:4:10 topics[0]: does not say its org. Give org: emea or amer.',
      'config.yaml:4:39 topics[1].org: there is no org of this name in orgs. Did you mean emea?',
      'config.yaml:5:46 redis.log: is for one org: give salesforce, and each org a file of its own.',
    ]);
    expect(problemsOf(`${LOGIN}\norgs: { emea: ${org} }\ntopics: [{ topic: Account, org: emea }]`)[0]).to.include(
      'stands beside',
    );
    expect(problemsOf(`${LOGIN}\ntopics: [{ topic: Account, org: emea }]`)[0]).to.include('there are no orgs');
    expect(problemsOf('orgs: {}\ntopics: [Account]')[0]).to.include('has no org in it');
    // One topic of two orgs is two topics.
    const both = `orgs: { a: ${org}, b: ${org} }\ntopics: [{ topic: Account, org: a }, { topic: Account, org: b }]`;
    const { configuration, secrets } = load(both, { RXFORCE_ORGS__B__CLIENT_SECRET: 'another-secret' });
    expect(configuration.orgs?.b?.client_secret).to.equal('another-secret');
    expect(secrets).to.include.members(['s3cret-of-the-app', 'another-secret']);
    expect(JSON.stringify(withoutSecrets(settings, configuration))).not.to.include('secret-');
  });

  it('takes a value of a variable as a text, whatever is in it', () => {
    const name = 'x: [broken\n- topics: ${HOME} # no';
    const { configuration } = load(`${LOGIN}\n${TOPICS}\nsinks: { out: { type: file, path: '\${NAME}' } }`, {
      NAME: name,
    });
    expect(configuration.sinks.out).to.include({ path: name });
  });

  it('needs a token for the page on other addresses, and a long one', () => {
    const of = (http: string) => problemsOf(`${LOGIN}\n${TOPICS}\nhttp: { ${http} }`);
    expect(of('ui: { token: short }')).to.deep.equal([
      'config.yaml:3:22 http.ui.token: must have 16 characters at least.',
    ]);
    expect(of('host: 0.0.0.0, ui: { enabled: true }').join()).to.include('http.ui.token: is missing. Everybody');
    expect(of("host: '::', ui: { enabled: 'true' }")).to.have.length(1);
    expect(of('host: 0.0.0.0, ui: { enabled: true, token: sixteen-characters }')).to.deep.equal([]);
    expect(of('host: localhost, ui: { enabled: true }')).to.deep.equal([]);
    expect(of('host: 0.0.0.0')).to.deep.equal([]);
  });

  it('takes numbers and flags from variables, also between quotes', () => {
    const text = `${LOGIN}\n${TOPICS}\nhttp: { port: "\${PORT}" }\nprocessing: { replay_from_stored: \${STORED:-false} }`;
    const { configuration } = load(text, { PORT: '9090' });
    expect(configuration.http?.port).to.equal(9090);
    expect(configuration.processing.replay_from_stored).to.equal(false);
  });

  it('compares fields with the number that a variable has, and with its text where it is in quotes', () => {
    const topics = "topics: [{ topic: Lead, where: { A: { equals: ${N} }, B: { equals: '${N}' } } }]";
    const [topic] = load(`${LOGIN}\n${topics}`, { N: '12' }).configuration.topics;
    expect(topic?.where).to.deep.equal({ A: { equals: 12 }, B: { equals: '12' } });
  });

  it('keeps texts that look like numbers, when they come from variables', () => {
    const { configuration } = load(`salesforce: { username: u, password: \${PW} }\n${TOPICS}`, { PW: '007123' });
    expect(configuration.salesforce?.password).to.equal('007123');
  });

  it('prefers RXFORCE_ with a path over other variables, and those over the file', () => {
    const of = (environment: Environment) =>
      load(`${LOGIN}\n${TOPICS}`, environment).configuration.salesforce?.client_id;
    expect(of({})).to.equal('app');
    expect(of({ SALESFORCE_CLIENT_ID: 'b' })).to.equal('b');
    expect(of({ SALESFORCE_CLIENT_ID: 'b', RXFORCE_CLIENT_ID: 'c' })).to.equal('c');
    expect(of({ RXFORCE_CLIENT_ID: 'c', RXFORCE_SALESFORCE__CLIENT_ID: 'd' })).to.equal('d');
    expect(of({ SALESFORCE_CLIENT_ID: '' })).to.equal('app');
  });

  it('gives a hint, when positions are in files of a pod', () => {
    const hints = load(`salesforce: { username: u, password: \${PW} }\n${TOPICS}`, {
      PW: 'pass-word',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
    }).hints;
    expect(hints.map(({ setting }) => setting)).to.deep.equal(['processing.replay_storage_path']);
  });

  it('needs no variable of the file for a setting that another variable gives', () => {
    const text = `salesforce: { client_id: app, client_secret: \${NOT_SET} }\n${TOPICS}`;
    const { configuration } = load(text, { RXFORCE_SALESFORCE__CLIENT_SECRET: 'given' });
    expect(configuration.salesforce?.client_secret).to.equal('given');
  });

  it('takes an endpoint, and settings inside of lists and sinks, from variables', () => {
    const { configuration } = load(`${LOGIN}\ntopics: [Account, Lead]\nsinks: { Out: { type: file, path: a } }`, {
      RXFORCE_ENDPOINT: 'localhost:7011',
      RXFORCE_INSECURE: '1',
      RXFORCE_TOPICS__1__NAME: 'mine',
      RXFORCE_SINKS__OUT__PATH: 'b',
    });
    expect(configuration.pubsub).to.include({ host: 'localhost', port: 7011, insecure: true });
    expect(configuration.topics[1]).to.include({ topic: 'Lead', name: 'mine' });
    expect(configuration.sinks.Out).to.include({ path: 'b' });
  });

  it('reads secrets from files, and hides them and those of the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxforce-config-'));
    try {
      writeFileSync(join(folder, 'key'), 'from-a-file\n');
      const text = `${LOGIN}\n${TOPICS}\nsinks: { s: { type: webhook, url: 'http://u:pass-word@h/', secret: '\${file:${folder}/key}', headers: { a: header-value } } }`;
      const { configuration, secrets } = load(text);
      expect(secrets).to.include.members(['from-a-file', 's3cret-of-the-app', 'header-value']);
      const shown = JSON.stringify(withoutSecrets(settings, configuration));
      for (const secret of [...secrets, 'pass-word']) expect(shown).not.to.include(secret);
      expect(shown).to.include(HIDDEN).and.include('acme.my.salesforce.com');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says no value of a setting in its problems', () => {
    const secret = 'very-secret-value';
    const text = `salesforce: { username: u, password: [${secret}], access_token: { a: ${secret} }, client_secret: "\${${secret}}" }\n${TOPICS}\nhttp: { port: ${secret} }`;
    const problems = problemsOf(text, { RXFORCE_LOGGING__FORMAT: secret });
    expect(problems).to.have.length(6);
    expect(problems.join('\n').replace(`"\${…}"`, '')).not.to.include(secret);
  });

  it('says nothing of the text of a file that is no valid YAML', () => {
    for (const value of [
      '!Hunter2secret',
      '*Hunter2secret',
      '&Hunter2secret: x',
      '|Hunter2secret',
      '@Hunter2secret',
      '"\\Hunter2secret"',
      '{ Hunter2secret',
    ]) {
      const problems = problemsOf(`salesforce:\n  username: u\n  password: ${value}\n${TOPICS}`).join('\n');
      expect(problems).to.include('config.yaml:').and.not.include('Hunter2');
    }
    expect(problemsOf(`salesforce: { password: !Hunter2secret }\n${TOPICS}`).join()).to.include(
      'config.yaml:1:25: it is no valid YAML: what begins with "!" is a tag',
    );
    expect(problemsOf(`%Hunter2secret\n---\n${LOGIN}\n${TOPICS}`).join()).not.to.include('Hunter2');
  });

  it('survives aliases that stand for billions, and names that mean something to JavaScript', () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [index, name] of Array.from('bcdefghij').entries()) {
      bomb.push(
        `${name}: &${name} [${Array(10)
          .fill(`*${'abcdefghij'[index] ?? ''}`)
          .join(', ')}]`,
      );
    }
    expect(problemsOf(bomb.join('\n')).join()).to.include('more than 50000 values');
    expect(problemsOf(`&x\n${LOGIN}\ntopics: [*x]`).join()).to.include('has itself in it');
    expect(problemsOf(`topics: ${'['.repeat(200)}${']'.repeat(200)}`).join()).to.include('lies too deep');
    expect(problemsOf(`${LOGIN}\n${TOPICS}\n__proto__: { http: 1 }\nconstructor: 1`)).to.have.length(2);
  });
});
