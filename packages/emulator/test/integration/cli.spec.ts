import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Command } from '../support/command.js';
import { RestClient } from '../support/rest-client.js';

describe('rxforce-emulator', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`prints one line when it is ready and ends with status 0, when it gets ${signal}`, async () => {
      const command = new Command('--grpc-port', '0', '--http-port', '0', '--load', '200');
      const { grpcEndpoint, httpUrl, faultsUrl, ca, credentials } = await command.ready;
      expect(grpcEndpoint).to.match(/^localhost:\d+$/);
      expect(ca).to.match(/^-----BEGIN CERTIFICATE-----/);
      expect((await fetch(`${httpUrl}/`)).status).to.equal(404);
      expect(await (await fetch(`${faultsUrl}/logins`, { method: 'POST' })).json()).to.deep.equal({ result: 0 });
      expect(credentials).to.have.all.keys(
        'clientId',
        'clientSecret',
        'username',
        'password',
        'securityToken',
        'privateKeyPath',
        'accessToken',
        'instanceUrl',
        'organizationId',
      );
      expect(readFileSync(credentials.privateKeyPath, 'utf8')).to.match(/^-----BEGIN PRIVATE KEY-----/);
      command.child.kill(signal);
      const { code, stdout, stderr } = await command.ended;
      expect(stdout).to.not.include('PRIVATE KEY');
      expect(existsSync(credentials.privateKeyPath)).to.equal(false);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout.split('\n')).to.have.length(2);
    });
  }

  it('begins with records, a limit of requests and slow jobs, when it is told to', async () => {
    const options = [
      '--fill',
      'Account=2500',
      '--fill',
      'Contact=3',
      '--daily-api-requests',
      '5',
      '--bulk-job-ms',
      '60000',
    ];
    const command = new Command('--plaintext', ...options);
    const { httpUrl, credentials } = await command.ready;
    const rest = new RestClient({ httpUrl, credentials });
    const count = await rest.query('SELECT COUNT() FROM Account');
    expect(count.body).to.include({ totalSize: 2_500 });
    expect(count.headers.get('sforce-limit-info')).to.equal('api-usage=1/5');
    const [contact] = await rest.records('SELECT LastName, Email FROM Contact');
    expect(contact!.LastName).to.be.a('string').and.not.equal('');
    const query = { operation: 'query', query: 'SELECT Id FROM Contact' };
    const { id } = (await rest.request('POST', '/jobs/query', query)).body as { id: string };
    expect((await rest.request('GET', `/jobs/query/${id}`)).body).to.include({ state: 'InProgress' });
    command.child.kill();
    await command.ended;
  });

  it('tells what is wrong, when the records it is to begin with are none', async () => {
    for (const [given, problem] of [
      ['Account', 'Give an object and a whole number'],
      ['Acount=5', 'Did you mean "Account"?'],
    ] as const) {
      const { code, stderr } = await new Command('--fill', given).ended;
      expect([code, stderr.includes(problem)], stderr).to.deep.equal([1, true]);
    }
  });

  it('writes the CA to a file, when it is told to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rxforce-emulator-'));
    const path = join(directory, 'ca.pem');
    const command = new Command('--ca-file', path);
    const { ca } = await command.ready;
    expect(readFileSync(path, 'utf8')).to.equal(ca);
    command.child.kill();
    await command.ended;
    rmSync(directory, { recursive: true });
  });

  it('serves logins over HTTPS and writes their CA, when it is told to, with gRPC in plaintext', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rxforce-emulator-'));
    const path = join(directory, 'ca.pem');
    const command = new Command('--https', '--plaintext', '--ca-file', path);
    const { httpUrl, faultsUrl, credentials } = await command.ready;
    expect(httpUrl).to.match(/^https:\/\/localhost:\d+$/);
    expect([faultsUrl, credentials.instanceUrl]).to.deep.equal([`${httpUrl}/emulator/faults`, httpUrl]);
    const socket = connect({ port: Number(new URL(httpUrl).port), host: 'localhost', ca: readFileSync(path) });
    await once(socket, 'secureConnect');
    expect(socket.authorized).to.equal(true);
    socket.destroy();
    command.child.kill();
    await command.ended;
    rmSync(directory, { recursive: true });
  });

  it('has no CA, when it speaks plaintext', async () => {
    const command = new Command('--plaintext');
    expect(await command.ready).to.not.have.property('ca');
    command.child.kill();
    expect((await command.ended).code).to.equal(0);
  });

  const mistakes: readonly (readonly [string, string[], RegExp])[] = [
    ['an option is unknown', ['--nonsense'], /unknown option '--nonsense'/],
    ['a port is no number', ['--grpc-port', 'http'], /--grpc-port/],
    ['a port is too large', ['--http-port', '70000'], /httpPort is 70000, but must be a whole number from 0 to 65535/],
    ['the retention is 0', ['--retention-ms', '0'], /retentionMs is 0, but must be a whole number at least 1/],
    ['the load is not positive', ['--load', '0'], /--load/],
    ['there is an argument too many', ['start'], /too many arguments/],
    ['there is no CA to write', ['--plaintext', '--ca-file', 'ca.pem'], /no certificate authority/],
  ];
  for (const [condition, args, message] of mistakes) {
    it(`says so in one line and fails, when ${condition}`, async () => {
      const { code, stdout, stderr } = await new Command(...args).ended;
      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr)
        .to.match(message)
        .and.match(/^error: .*\n$/);
    });
  }

  it('names the port and fails, when it is in use', async () => {
    const occupant = createServer().listen(0, 'localhost');
    await new Promise((resolve) => occupant.once('listening', resolve));
    const { port } = occupant.address() as { port: number };
    const { code, stderr } = await new Command('--grpc-port', port.toString()).ended;
    expect(code).to.equal(1);
    expect(stderr).to.match(new RegExp(`^error: .*port ${port} is in use.*\\n$`));
    await new Promise((resolve) => occupant.close(resolve));
  });
});
