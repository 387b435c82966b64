import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startEmulator, type Emulator } from '@rxforce/emulator';
import { environmentOf, rxforceCodegen, rxforceCodegenHere } from '../support/codegen-command.js';
import { changeSchema } from '../../../core/test/support/fake-service.js';

describe('rxforce-codegen', function () {
  this.timeout(180_000);
  let emulator: Emulator;
  let folder: string;
  let out: string;

  before(async () => {
    emulator = await startEmulator({ seed: 1, tls: false });
    folder = mkdtempSync(join(tmpdir(), 'rxforce-codegen-'));
    out = join(folder, 'types', 'salesforce.ts');
  });

  after(async () => {
    rmSync(folder, { recursive: true });
    await emulator.stop();
  });

  it('prints a module to standard output, when no file is named', async () => {
    const ended = await rxforceCodegen(['Account', 'Order_Event__e'], environmentOf(emulator));
    expect(ended).to.include({ code: 0, stderr: '' });
    expect(ended.stdout).to.include('export interface Account {').and.include('export interface Order_Event__e {');
    expect(ended.stdout).to.include(emulator.org.entities().find(({ name }) => name === 'Account')?.schemaId);
  });

  it('logs in over TLS with client credentials, and with a private key, and gives the same', async () => {
    const secure = await startEmulator({ seed: 1 });
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, secure.ca!);
    const { clientId, clientSecret, username, privateKeyPath } = secure.credentials;
    const common = {
      RXFORCE_LOGIN_URL: secure.httpUrl,
      RXFORCE_CLIENT_ID: clientId,
      RXFORCE_ENDPOINT: secure.grpcEndpoint,
      RXFORCE_CA_FILE: caFile,
    };
    try {
      const bySecret = await rxforceCodegenHere(['Lead'], { ...common, RXFORCE_CLIENT_SECRET: clientSecret });
      const byKey = await rxforceCodegenHere(['Lead'], {
        ...common,
        RXFORCE_USERNAME: username,
        RXFORCE_PRIVATE_KEY_FILE: privateKeyPath,
      });
      expect(bySecret).to.include({ code: 0, stderr: '' });
      expect(bySecret.stdout).to.include('export interface Lead {');
      expect(byKey).to.deep.equal(bySecret);
    } finally {
      await secure.stop();
    }
  });

  it('tells with --check whether a file is up to date, and writes nothing', async () => {
    const args = ['Account', '--out', out];
    const environment = environmentOf(emulator);
    const missing = await rxforceCodegen([...args, '--check'], environment);
    expect(missing).to.include({
      code: 1,
      stderr: `${out} is not up to date. Run: rxforce-codegen ${args.join(' ')}\n`,
    });
    expect(await rxforceCodegenHere(args, environment)).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    expect((await rxforceCodegenHere([...args, '--check'], environment)).code).to.equal(0);

    const before = readFileSync(out, 'utf8');
    emulator.faults.switchSchema('Account');
    expect((await rxforceCodegenHere([...args, '--check'], environment)).code).to.equal(1);
    expect(readFileSync(out, 'utf8')).to.equal(before);
    expect((await rxforceCodegenHere(args, environment)).code).to.equal(0);
    expect(readFileSync(out, 'utf8')).to.include('Added_1__c: string | null;').and.not.equal(before);
  });

  it('needs no org, when schemas come from files', async () => {
    writeFileSync(join(folder, 'thing.avsc'), changeSchema('Color').json);
    const ended = await rxforceCodegen(['--schema', 'thing.avsc'], {}, folder);
    expect(ended).to.include({ code: 0, stderr: '' });
    expect(ended.stdout).to.include('export interface Thing {\n  Name: string | null;\n  Color: string | null;\n}');
  });

  it('asks an org for what its objects are like, when it is given --picklists', async () => {
    const ended = await rxforceCodegenHere(['Account', 'Order_Event__e', '--picklists'], environmentOf(emulator));
    expect(ended).to.include({ code: 0, stderr: '' });
    expect(ended.stdout).to.include("Industry: PickList<'Account.Industry'> | null;");
    expect(ended.stdout).to.include("  'Account.Rating': 'Hot' | 'Warm' | 'Cold' | (string & {});\n");
  });

  const refusals: readonly (readonly [string, string[], RegExp])[] = [
    [
      'the topic is a channel',
      ['/data/ChangeEvents'],
      /ChangeEvents is a channel of several objects.*Account and Contact/,
    ],
    ['there is no such object', ['account'], /accountChangeEvent/],
    ['an argument names nothing', ['Account,Lead'], /"Account,Lead" names neither an entity nor a topic/],
    ['nothing is named', [], /nothing to write/],
    ['an option is unknown', ['Account', '--nonsense'], /Unknown option '--nonsense'\. See rxforce-codegen --help/],
    ['--check has no file', ['Account', '--check'], /--check compares a file: name it with --out/],
    ['a secret is an option', ['Account', '--client-secret', 'x'], /Unknown option '--client-secret'/],
    [
      'the file cannot be written',
      ['Account', '--out', '/dev/null/a.ts'],
      /--out cannot be (read|written): (ENOTDIR|EEXIST)/,
    ],
    ['a schema file is missing', ['--schema', '/nowhere.avsc'], /--schema cannot be read: ENOENT/],
    ['a schema file holds none', ['--schema', fileURLToPath(import.meta.url)], /holds no Avro schema of events/],
  ];
  for (const [condition, args, message] of refusals) {
    it(`says so in one line and ends with 2, when ${condition}`, async () => {
      const { code, stdout, stderr } = await rxforceCodegenHere(args, environmentOf(emulator));
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.match(message)
        .and.match(/^error: [^\n]*\n$/);
    });
  }

  it('does not show a secret, when the login is refused', async () => {
    const environment = {
      RXFORCE_LOGIN_URL: emulator.httpUrl,
      RXFORCE_CLIENT_ID: emulator.credentials.clientId,
      RXFORCE_CLIENT_SECRET: 'not-the-secret',
      RXFORCE_ENDPOINT: emulator.grpcEndpoint,
      RXFORCE_INSECURE: '1',
    };
    const { code, stderr } = await rxforceCodegen(['Account'], environment);
    expect(code).to.equal(2);
    expect(stderr)
      .to.match(/^error: The login .* was refused/)
      .and.not.include('not-the-secret');
  });
});

describe('rxforce-codegen --picklists', function () {
  this.timeout(180_000);
  let server: Server;
  let answer: { readonly status: number; readonly body: string };
  let asked: (string | undefined)[];
  const folder = mkdtempSync(join(tmpdir(), 'rxforce-codegen-'));

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url, request.headers.authorization);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    }).listen(0, 'localhost');
    await new Promise((resolve) => server.once('listening', resolve));
    const schema = changeSchema().json.replace('{"name":"Name",', '{"name":"Name","doc":"Data:DynamicEnum",');
    writeFileSync(join(folder, 'thing.avsc'), schema);
  });

  after(async () => {
    rmSync(folder, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  });

  /** Asks a server that answers so. */
  const ask = async (status: number, body: unknown) => {
    answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
    asked = [];
    const { port } = server.address() as AddressInfo;
    const environment = { RXFORCE_ACCESS_TOKEN: '00D!token', RXFORCE_INSTANCE_URL: `http://localhost:${port}` };
    return rxforceCodegenHere(['--schema', join(folder, 'thing.avsc'), '--picklists'], environment);
  };

  it('gives the values that are active', async () => {
    const value = (text: string, active = true) => ({
      value: text,
      active,
      label: `Label of ${text}`,
      defaultValue: false,
    });
    const picklistValues = [value('Hot'), value("It's warm"), value('Old', false)];
    const { stdout, stderr } = await ask(200, { fields: [{ name: 'Id' }, { name: 'Name', picklistValues }] });
    expect(stderr).to.equal('');
    expect(stdout).to.include("  Name: PickList<'Thing.Name'> | null;\n");
    expect(stdout).to.include(`  'Thing.Name': 'Hot' | "It's warm" | (string & {});\n`);
    expect(asked).to.deep.equal(['/services/data/v62.0/sobjects/Thing/describe', 'Bearer 00D!token']);
  });

  const refusals: readonly (readonly [string, number, unknown, RegExp])[] = [
    ['the object is not to be seen', 404, [{ errorCode: 'NOT_FOUND' }], /NOT_FOUND/],
    ['the answer is no JSON', 200, '<html>', /JSON/],
    ['the answer describes nothing', 200, {}, /has no fields/],
  ];
  for (const [condition, status, body, message] of refusals) {
    it(`says so and ends with 2, when ${condition}`, async () => {
      const { code, stdout, stderr } = await ask(status, body);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.include('of the pick lists of Thing cannot be fetched').and.include('leave out --picklists');
      expect(stderr).to.match(message).and.not.include('00D!token');
    });
  }

  it('says what is wrong with the session or the connection, and nothing of pick lists', async () => {
    const refused = await ask(401, [{ errorCode: 'INVALID_SESSION_ID' }]);
    const away = await rxforceCodegenHere(['--schema', join(folder, 'thing.avsc'), '--picklists'], {
      ...{ RXFORCE_ACCESS_TOKEN: '00D!token', RXFORCE_INSTANCE_URL: 'http://localhost:1' },
    });
    const login = await rxforceCodegenHere(['--schema', join(folder, 'thing.avsc'), '--picklists'], {
      ...{ RXFORCE_LOGIN_URL: 'http://localhost:1', RXFORCE_CLIENT_ID: 'id', RXFORCE_CLIENT_SECRET: 'secret' },
    });
    for (const [{ code, stderr }, says] of [
      [refused, /session/],
      [away, /localhost:1/],
      [login, /localhost:1/],
    ] as const) {
      expect(code).to.equal(2);
      expect(stderr)
        .to.match(says)
        .and.not.match(/pick ?lists|00D!token|secret/);
    }
  });
});
