import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Workplace } from '../support/workplace.js';

interface Report {
  readonly findings: readonly { readonly what: string; readonly ok: boolean; readonly detail: string }[];
}

describe('rxforce check --connect', () => {
  let place: Workplace;

  beforeEach(async () => (place = await Workplace.open()));
  afterEach(() => place.close());

  const check = async (config: string, environment: Record<string, string> = {}) => {
    const text = `salesforce: {}\nprocessing: { replay_storage_path: ${place.folder}/replay, dead_letter_queue_path: ${place.folder}/failed }\n${config}`;
    const path = place.file('config.yaml', text);
    const { code, stdout } = await place.here(['check', path, '--connect', '--json'], environment);
    const { findings } = JSON.parse(stdout) as Report;
    return { code, wrong: findings.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`), findings };
  };

  it('ends with 0, when all that the configuration names is there', async () => {
    const { code, wrong, findings } = await check('topics: [Account, /event/Order_Event__e]');
    expect({ code, wrong }).to.deep.equal({ code: 0, wrong: [] });
    expect(findings.map(({ what }) => what)).to.deep.equal([
      'login jwt',
      'topic AccountChangeEvent',
      'topic Order_Event__e',
      'storage',
      'positions',
      'dead letters',
      'sink stdout',
    ]);
    expect(findings[0]?.detail).to.include(place.emulator.credentials.organizationId.slice(0, 15));
  });

  it('writes a position, reads it, and leaves nothing of it', async () => {
    const { findings } = await check('topics: [Account]');
    expect(findings.find(({ what }) => what === 'positions')?.detail).to.equal('can be locked, written and read');
    expect(readdirSync(join(place.folder, 'replay')).filter((name) => name.includes('rxforce-check'))).to.deep.equal(
      [],
    );
  });

  it('ends with 4, when fields or where name what is no field of the events', async () => {
    const { code, wrong } = await check(
      'topics: [{ topic: Account, fields: [Name, Naem] }, { topic: Lead, where: { Adress.City: { equals: a } } }, ' +
        '{ topic: Contact, fields: [LastName, Name], where: { MailingAddress.City: { equals: a } } }]\n',
    );
    expect(code).to.equal(4);
    expect(wrong).to.deep.equal([
      'topic AccountChangeEvent: fields names Naem, which is no field of AccountChangeEvent. Did you mean Name?',
      'topic LeadChangeEvent: where names Adress.City, which is no field of LeadChangeEvent. Did you mean Address.City?',
      'topic ContactChangeEvent: fields names LastName, which is no field of ContactChangeEvent. Name Name, which has it.',
    ]);
  });

  it('ends with 4, when a comparison of where is true of no event', async () => {
    const of = (where: string) => check(`topics: [{ topic: Account, where: { ${where} } }]`, { MIN: 'ten', NOW: '10' });
    const { code, wrong } = await of("AnnualRevenue: { greater_than: '${MIN}', less_than: '${NOW}' }");
    expect(code).to.equal(4);
    expect(wrong).to.deep.equal([
      'topic AccountChangeEvent: where compares AnnualRevenue of AccountChangeEvent with a text, and it is a number, so no event passes. Give a number.',
    ]);
    expect((await of("SLAExpirationDate__c: { greater_than: '2026-01-31' }")).wrong).to.deep.equal([]);
  });

  it('ends with 4 and names all that is wrong, when a topic, a module and a file are', async () => {
    const { code, wrong } = await check(
      `topics: [{ topic: Nothing, sink: file }, { topic: Lead, sink: mine }, { topic: Account, pipeline: ./none.js }]
sinks: { file: { type: file, path: ${place.folder}/config.yaml/x }, mine: { type: module, path: ./none.js } }
`,
    );
    expect(code).to.equal(4);
    expect(wrong.map((line) => line.split(':')[0])).to.deep.equal([
      'topic NothingChangeEvent',
      'pipeline ./none.js',
      'sink file',
      'sink mine',
    ]);
  });

  it('gives a sink up that does not answer for 10 s, and goes on with the next one', async () => {
    const silent = place.file(
      'silent.mjs',
      'export default () => ({ write: async () => undefined, check: () => new Promise(() => setInterval(() => undefined, 1_000)) });',
    );
    const { code, wrong, findings } = await check(
      `topics: [{ topic: Account, sink: silent }, { topic: Lead, sink: out }]
sinks: { silent: { type: module, path: ${silent} }, out: { type: file, path: ${place.folder}/out.jsonl } }
`,
    );
    expect({ code, wrong }).to.deep.equal({ code: 4, wrong: ['sink silent: it has not answered for 10 s.'] });
    expect(findings.at(-1)).to.deep.include({ what: 'sink out', ok: true });
  });

  it('ends with 4 and says why, when the login is refused', async () => {
    place.emulator.faults.refuseLogins(10, { error: 'invalid_client_id', description: 'client identifier invalid' });
    const { code, wrong } = await check('topics: [Account]');
    expect(code).to.equal(4);
    expect(wrong).to.have.length(1);
    expect(wrong[0]).to.match(/^login jwt: .*client/);
  });

  it('ends with 4, when the positions cannot be kept', async () => {
    const { code, wrong } = await check('topics: [Account]', {
      RXFORCE_PROCESSING__REPLAY_STORAGE_PATH: '/dev/null/replay',
    });
    expect(code).to.equal(4);
    expect(wrong).to.have.length(1);
    expect(wrong[0]).to.match(/^positions: .*\/dev\/null\/replay/);
  });

  describe('ends with 4 and says which part is wrong,', () => {
    const TABLES = `topics: [{ topic: Account, sink: tables }]\nsinks: { tables: { type: postgres, url: "\${URL}" } }`;
    const cases: readonly (readonly [
      when: string,
      begin: () => unknown,
      found: RegExp,
      config?: string,
      environment?: Record<string, string>,
    ])[] = [
      [
        'the login answers with 503',
        () => place.emulator.faults.refuseLogins(10, { status: 503 }),
        /^login jwt: .*503/,
      ],
      [
        'the Pub/Sub API is not there',
        () => place.emulator.faults.stopServer(),
        /^topic AccountChangeEvent: Nothing answers at/,
      ],
      [
        'the Pub/Sub API is not available',
        () => place.emulator.faults.answer({ status: 'UNAVAILABLE', method: 'GetTopic', times: 20 }),
        /^topic AccountChangeEvent: .*UNAVAILABLE/,
      ],
      [
        'the user may not read the topic',
        () =>
          place.emulator.faults.answer({
            status: 'PERMISSION_DENIED',
            errorCode: 'topic.permission.error',
            method: 'GetTopic',
            times: 20,
          }),
        /^topic AccountChangeEvent: .*View All/,
      ],
      [
        'nobody listens at the address of the login',
        () => undefined,
        /^login jwt: .*ECONNREFUSED/,
        'topics: [Account]',
        { RXFORCE_LOGIN_URL: 'http://127.0.0.1:1' },
      ],
      [
        'the database is not there',
        () => undefined,
        /^sink tables: .*ECONNREFUSED/,
        TABLES,
        { URL: 'postgres://user:pass-of-the-db@127.0.0.1:1/db' },
      ],
      [
        'the private key is none',
        () => undefined,
        /^login jwt: .*not a private RSA key/,
        'topics: [Account]',
        { RXFORCE_PRIVATE_KEY_FILE: '/etc/hostname' },
      ],
    ];
    for (const [when, begin, found, config = 'topics: [Account]', environment] of cases) {
      it(`when ${when}`, async () => {
        await begin();
        const { code, wrong } = await check(config, environment);
        expect(code).to.equal(4);
        expect(wrong, wrong.join('\n')).to.have.length(1);
        expect(wrong[0]).to.match(found).and.not.include('pass-of-the-db');
      });
    }
  });
});
