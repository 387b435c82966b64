import { expect } from 'chai';
import { lineOf } from './place.js';
import { withoutSecrets } from './secrets.js';
import { settings } from './settings/settings.js';
import { load, LOGIN, problemsOf, TOPICS } from '../../test/support/configurations.js';

describe('parseConfiguration', () => {
  describe('refuses tables that are written twice,', () => {
    const org = LOGIN.replace('salesforce: ', '');
    const orgs = `orgs: { a: ${org}, b: ${org} }`;
    const both = 'topics: [{ topic: Account, org: a, sink: x }, { topic: Lead, org: b, sink: y }]';
    const tables = (more = '') =>
      `sinks: { x: { type: postgres, url: 'postgres://h/d' }, y: { type: postgres, url: 'postgres://h/d'${more} } }`;

    it('when two orgs have one sink, or two of one database', () => {
      const one = `${orgs}\ntopics: [{ topic: Account, org: a }, { topic: Lead, org: b }]\nsinks: { crm: { type: sqlite, url: crm.db } }`;
      expect(problemsOf(one)).to.deep.equal([
        'config.yaml:2:38 topics[1]: the tables of the sink crm are those of the org a, and a snapshot of one org removes the rows of the other. Give b a sink of its own, with another schema or database.',
      ]);
      expect(problemsOf(`${orgs}\n${both}\n${tables()}`).join()).to.include('topics[1]: the tables of the sink y');
      expect(problemsOf(`${orgs}\n${both}\n${tables(', schema: b')}`)).to.deep.equal([]);
      expect(problemsOf(one.replace('type: sqlite, url', 'type: file, path'))).to.deep.equal([]);
    });

    it('when two topics have one object', () => {
      const of = (...topics: readonly string[]) =>
        problemsOf(`${LOGIN}\ntopics: [${topics.join(', ')}]\nsinks: { crm: { type: sqlite, url: crm.db } }`);
      expect(of('Account', '{ topic: Account, name: again }')).to.deep.equal([
        'config.yaml:2:19 topics[1]: the table of Account in the sink crm is written by topics[0], too, and one removes the rows of the other. Leave one of them out, or give it a sink of its own, with another schema or database.',
      ]);
      expect(of('Account', '{ topic: ChangeEvents, snapshot: [Lead, Account] }').join()).to.include(
        'the table of Account',
      );
      expect(of('Account', 'Lead', '{ topic: ChangeEvents, snapshot: [Contact] }')).to.deep.equal([]);
      expect(of('Account', '{ topic: Account, name: again, sink: stdout }')).to.deep.equal([]);
    });
  });

  it('refuses a lease and partitions that would do nothing', () => {
    const redis = (more: string) => `redis: { url: 'redis://h', ${more} }`;
    const event = (more: string) => `${LOGIN}\ntopics: [{ topic: ${more} }]`;
    const none = 'processing: { replay_from_stored: false }';
    expect(problemsOf(`${LOGIN}\n${TOPICS}\n${redis('lease: true')}\n${none}`)).to.deep.equal([
      'config.yaml:3:35 redis.lease: does nothing without positions: set replay_from_stored: true, or leave it out.',
    ]);
    expect(problemsOf(`${LOGIN}\n${TOPICS}\n${redis('lease: false')}\n${none}`)).to.deep.equal([]);
    const log = redis('lease: true, log: {}');
    expect(problemsOf(`${event('Account, partition_by: Name')}\n${log}`)[0]).to.include(
      'partition_by: is for platform',
    );
    expect(problemsOf(event('/event/A__e, partition_by: B__c'))[0]).to.include('partition_by: does nothing without');
    expect(problemsOf(`${event('/event/A__e, partition_by: B__c')}\n${log}`)).to.deep.equal([]);
  });

  describe('takes nats in place of redis,', () => {
    const nats = (more = '') => `${LOGIN}\n${TOPICS}\nnats: { url: 'nats://h'${more} }`;

    it('with its defaults', () => {
      const { configuration } = load(nats(', lease: true, log: {}'));
      expect(configuration.nats).to.deep.equal({
        ...{ url: 'nats://h', lease: true, lease_ttl_ms: 10_000 },
        log: { name: 'rxforce', partitions: 32, retention_hours: 168 },
      });
    });

    it('and reports every problem of it at once', () => {
      const text = nats(", leese: true, prefix: 'a.b', replicas: 7, log: { name: 'a b', max_entires: 5 }");
      expect(problemsOf(text, { RXFORCE_NATS__LEASE_TTL_MS: 'soon', RXFORCE_NATS__REPLICAZ: '3' })).to.deep.equal([
        'config.yaml:3:26 nats.leese: there is no such setting. Did you mean lease?',
        'config.yaml:3:47 nats.prefix: must be a name of letters, digits, "-" and "_", with 100 characters at most.',
        'config.yaml:3:64 nats.replicas: must be 5 or less.',
        'config.yaml:3:72 nats.log: needs lease: true, so that one reader writes a topic.',
        'config.yaml:3:80 nats.log.name: must be a name of letters, digits, "-" and "_", with 100 characters at most.',
        'config.yaml:3:87 nats.log.max_entires: there is no such setting. Did you mean max_entries?',
        'the variable RXFORCE_NATS__REPLICAZ: there is no such setting. Did you mean RXFORCE_NATS__REPLICAS?',
        'the variable RXFORCE_NATS__LEASE_TTL_MS: must be a number.',
      ]);
    });

    it('and not beside it', () => {
      const message =
        'nats: stands beside redis, of the file or of a variable. Positions, leases and the log are in one of them: give one.';
      const both = `${nats(', lease: true')}\nredis: { url: 'redis://h', log: {} }`;
      expect(problemsOf(both)).to.deep.equal([
        `config.yaml:3:1 ${message}`,
        'config.yaml:4:33 redis.log: needs lease: true, so that one reader writes a topic.',
      ]);
      const redis = `${LOGIN}\n${TOPICS}\nredis: { url: 'redis://h' }`;
      expect(problemsOf(redis, { RXFORCE_NATS__URL: 'nats://h' })).to.deep.equal([`config.yaml:1:1 ${message}`]);
    });

    it('with the same rules for leases and logs', () => {
      const none = 'processing: { replay_from_stored: false }';
      expect(problemsOf(`${nats(', lease: true')}\n${none}`)).to.deep.equal([
        'config.yaml:3:33 nats.lease: does nothing without positions: set replay_from_stored: true, or leave it out.',
      ]);
      const log = "nats: { url: 'nats://h', lease: true, log: {} }";
      expect(problemsOf(`topics: [Account]\n${log}`)).to.deep.equal([]);
      expect(problemsOf(`topics: [{ topic: Account, snapshot: true }]\n${log}`).join()).to.include('through nats.log');
      const event = 'topics: [{ topic: /event/A__e, partition_by: B__c }]';
      expect(problemsOf(`${LOGIN}\n${event}\n${log}`)).to.deep.equal([]);
      const orgs = `orgs: { a: ${LOGIN.replace('salesforce: ', '')} }`;
      expect(problemsOf(`${orgs}\ntopics: [{ topic: Account, org: a }]\n${log}`)).to.deep.equal([
        'config.yaml:3:44 nats.log: is for one org: give salesforce, and each org a file of its own.',
      ]);
    });

    it('and never prints its login', () => {
      const { configuration, secrets, hints } = load(`${LOGIN}\n${TOPICS}\nnats: { url: 'nats://u:pass-word@h' }`);
      expect(secrets).to.include('nats://u:pass-word@h');
      expect(hints.map(({ setting }) => setting)).to.include('nats.url');
      expect(JSON.stringify(withoutSecrets(settings, configuration))).not.to.include('pass-word');
    });

    it('and says in a cluster that dead letters are files', () => {
      const hintsOf = (text: string) =>
        load(text, { KUBERNETES_SERVICE_HOST: '10.0.0.1' })
          .hints.map(lineOf)
          .filter((line) => line.includes('processing'));
      expect(hintsOf(`${nats()}\nprocessing: { dead_letter_queue_path: ./dead }`)).to.deep.equal([
        'config.yaml:4:39 processing.dead_letter_queue_path: dead letters are files, also with nats: give each pod a volume for them, or they end with the pod.',
      ]);
      expect(hintsOf(`${LOGIN}\n${TOPICS}\nredis: { url: 'redis://h' }`)).to.deep.equal([]);
      expect(hintsOf(`${LOGIN}\n${TOPICS}`).join()).to.include('Give redis or nats with lease: true.');
    });
  });

  it('wants no org for a log, but where a sink asks it for something', () => {
    const withoutOrg = (topics: string, sinks: string) =>
      `topics: [${topics}]\nsinks: { ${sinks} }\nredis: { url: 'redis://h', lease: true, log: {} }`;
    expect(problemsOf(withoutOrg('Account', 'out: { type: stdout }'))).to.deep.equal([]);
    expect(problemsOf(withoutOrg('Account', 'db: { type: sqlite, url: a.db }'))).to.deep.equal([
      'config.yaml:1:10 topics[0]: goes to the sink db, and the fields of a table, and what gap events do not say, are asked of ' +
        'the org: give salesforce, also for workers.',
    ]);
    const hooks = 'a: { type: stdout }, b: { type: webhook, url: https://h, format: cloudevents }';
    expect(problemsOf(withoutOrg('{ topic: Account, sink: a }, { topic: Lead, sink: b }', hooks))).to.deep.equal([
      'config.yaml:1:39 topics[1]: goes to the sink b, and CloudEvents name the org as their source: give salesforce, also for ' +
        'workers.',
    ]);
  });

  it('refuses a log whose topic is read in two ways', () => {
    const of = (one: string, other: string) =>
      problemsOf(
        `${LOGIN}\ntopics: [{ topic: ${one} }, { topic: ${other} }]\nredis: { url: 'redis://h', lease: true, log: {} }`,
      );
    const [from, lost, by] = ['replay_from: earliest', 'on_lost_position: latest', 'partition_by: B__c'];
    expect(of(`/event/A__e, ${from}`, `/event/A__e, name: b, ${lost}, ${by}`)).to.deep.equal([
      'config.yaml:2:57 topics[1].replay_from: differs from topics[0].replay_from, and the log has each topic once. Give both the same.',
      'config.yaml:2:106 topics[1].on_lost_position: differs from topics[0].on_lost_position, and the log has each topic once. Give both the same.',
      'config.yaml:2:128 topics[1].partition_by: differs from topics[0].partition_by, and the log has each topic once. Give both the same.',
    ]);
    expect(of(`/event/A__e, ${from}, ${by}`, `/event/A__e, name: b, ${from}, ${by}`)).to.deep.equal([]);
    expect(of(`Account, ${from}`, `Lead, ${lost}`)).to.deep.equal([]);
  });
});
