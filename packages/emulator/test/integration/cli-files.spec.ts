import { ConfigurationError } from '@rxforce/core/model';
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { makeCertificate } from '../../src/net/certificate.js';
import { writeAuthorityFile, writeEnvFile } from '../../src/env-file.js';
import { Command, type ReadyLine } from '../support/command.js';

describe('rxforce-emulator --write-env', () => {
  withDirectory((directory) => {
    it('writes what clients need to a file that node and a shell read alike, and prints how', async () => {
      const path = join(directory(), 'a folder', 'emulator.env');
      const command = new Command('--write-env', path);
      const ready = await command.ready;
      const expected = variablesOf(ready, `${path}.ca.pem`);
      const names = JSON.stringify(Object.keys(expected));
      const print = `process.stdout.write(JSON.stringify(${names}.map((name) => [name, process.env[name]])))`;
      const byNode = execFileSync(process.execPath, [`--env-file=${path}`, '-e', print], { env: {} });
      const shell = `. "$0" && "$1" -e "$2"`;
      const byShell = execFileSync('/bin/sh', ['-c', shell, path, process.execPath, print], { env: {} });
      for (const read of [byNode, byShell]) {
        expect(Object.fromEntries(JSON.parse(read.toString()) as [string, string][])).to.deep.equal(expected);
      }
      expect(parseEnv(readFileSync(path, 'utf8'))).to.deep.equal(expected);
      expect(readFileSync(`${path}.ca.pem`, 'utf8')).to.equal(ready.ca);
      expect(statSync(path).mode & 0o777).to.equal(0o600);
      command.child.kill();
      const { code, stdout, stderr } = await command.ended;
      expect([code, stdout.split('\n').length]).to.deep.equal([0, 2]);
      const uses = [
        `node --env-file='${path}' app.js`,
        `npx @rxforce/cli tail Account --env-file '${path}'`,
        `source '${path}'`,
      ];
      expect(stderr)
        .to.contain(`Use it with: ${uses.join(', or: ')}\n`)
        .and.not.contain('secret');
    });

    it('names the file of --ca-file, when that is given, too', async () => {
      const path = join(directory(), 'emulator.env');
      const ca = join(directory(), 'ca.pem');
      const command = new Command('--write-env', path, '--ca-file', ca);
      await command.ready;
      expect(parseEnv(readFileSync(path, 'utf8'))).to.include({ RXFORCE_CA_FILE: ca });
      command.child.kill();
      await command.ended;
    });

    it('names no authority but says that the endpoint is not secure, when there is no TLS, in the place of what it wrote before', async () => {
      const path = join(directory(), 'emulator.env');
      writeEnvFile(path, { RXFORCE_CA_FILE: 'before' });
      const command = new Command('--write-env', path, '--plaintext');
      await command.ready;
      const variables = parseEnv(readFileSync(path, 'utf8'));
      expect(variables).to.include({ RXFORCE_INSECURE: '1' }).and.not.have.property('RXFORCE_CA_FILE');
      command.child.kill();
      await command.ended;
    });

    it('leaves a file alone that somebody else has written, and fails', async () => {
      const path = join(directory(), '.env');
      writeFileSync(path, 'MINE=1\n');
      const { code, stdout, stderr } = await new Command('--write-env', path).ended;
      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.match(/^error: .*\.env is there and was not written by rxforce-emulator\..*\n$/);
      expect(readFileSync(path, 'utf8')).to.equal('MINE=1\n');
    });

    for (const option of ['--write-env', '--ca-file']) {
      it(`writes nothing, when the authority’s file by ${option} is somebody else’s`, async () => {
        const path = join(directory(), 'emulator.env');
        const caPath = `${path}.ca.pem`;
        writeFileSync(caPath, 'my own\n');
        const { code, stdout, stderr } = await new Command(option, option === '--ca-file' ? caPath : path).ended;
        expect([code, stdout]).to.deep.equal([1, '']);
        expect(stderr).to.contain(`error: ${caPath} is there and was not written by rxforce-emulator.`);
        expect(readFileSync(caPath, 'utf8')).to.equal('my own\n');
        expect(existsSync(path)).to.equal(false);
      });
    }

    it('takes the place of an authority that an emulator has written, and of no other', async () => {
      const path = join(directory(), 'ca.pem');
      const [first, second] = [await makeCertificate(), await makeCertificate()];
      writeAuthorityFile(path, first.ca);
      writeAuthorityFile(path, second.ca);
      expect(readFileSync(path, 'utf8')).to.equal(second.ca);
      for (const other of [first.certificate, `${first.ca}\n${first.certificate}`, first.privateKey]) {
        writeFileSync(path, other);
        expect(() => writeAuthorityFile(path, first.ca)).to.throw(ConfigurationError, /was not written by/);
      }
    });

    it('throws a ConfigurationError and writes nothing, when a path is a symbolic link to nothing', () => {
      const [link, target] = [join(directory(), 'link'), join(directory(), 'target')];
      symlinkSync(target, link);
      for (const write of [() => writeEnvFile(link, { A: 'a' }), () => writeAuthorityFile(link, 'ca')]) {
        expect(write).to.throw(ConfigurationError, /is a symbolic link to what is not there/);
      }
      expect(existsSync(target)).to.equal(false);
    });

    it('throws a ConfigurationError and writes nothing, when a value cannot stand between quotes', () => {
      const path = join(directory(), 'emulator.env');
      for (const value of ["it's", 'two\nlines']) {
        expect(() => writeEnvFile(path, { NAME: value })).to.throw(ConfigurationError, /^NAME cannot stand/);
      }
      expect(existsSync(path)).to.equal(false);
    });
  });
});

describe('rxforce-emulator --define', () => {
  withDirectory((directory) => {
    it('defines what the files say, one after the other', async () => {
      const first = file(directory(), 'a.json', { objects: { Depot__c: { fields: { Size__c: 'Number' } } } });
      const second = file(directory(), 'b.json', {
        objects: { Depot__c: { fields: { Place__c: 'Location' } } },
        events: { Alarm__e: {} },
      });
      const command = new Command('--define', first, '--define', second);
      const { defineUrl } = await command.ready;
      const { objects, events } = (await (await fetch(defineUrl)).json()) as Record<
        string,
        { name: string; fields: string[] }[]
      >;
      expect(objects!.find(({ name }) => name === 'Depot__c')!.fields).to.include.members(['Size__c', 'Place__c']);
      expect(events!.map(({ name }) => name)).to.include('Alarm__e');
      command.child.kill();
      expect((await command.ended).code).to.equal(0);
    });

    const mistakes: readonly (readonly [string, string, RegExp])[] = [
      [
        'a type is wrong',
        '{ "objects": { "A__c": { "fields": { "B__c": "Txet" } } } }',
        /: objects\.A__c\.fields\.B__c takes .* Did you mean "Text"\?/,
      ],
      ['a part is unknown', '{ "object": {} }', / has no option "object"\. Did you mean "objects"\?/],
      ['it is not JSON', '{ "objects": ', / is not JSON: /],
    ];
    for (const [condition, content, message] of mistakes) {
      it(`names the file and the place in one line and fails, when ${condition}`, async () => {
        const path = join(directory(), 'wrong.json');
        writeFileSync(path, content);
        const { code, stdout, stderr } = await new Command('--define', path).ended;
        expect([code, stdout]).to.deep.equal([1, '']);
        expect(stderr)
          .to.match(message)
          .and.match(/^error: .*\n$/)
          .and.contain(path);
      });
    }

    it('names the file and fails, when there is none', async () => {
      const path = join(directory(), 'none.json');
      const { code, stderr } = await new Command('--define', path).ended;
      expect(code).to.equal(1);
      expect(stderr).to.contain(`error: ${path} cannot be read: ENOENT`);
    });
  });
});

function variablesOf({ grpcEndpoint, httpUrl, credentials }: ReadyLine, caFile: string): Record<string, string> {
  return {
    RXFORCE_ENDPOINT: grpcEndpoint,
    RXFORCE_LOGIN_URL: httpUrl,
    RXFORCE_CLIENT_ID: credentials.clientId,
    RXFORCE_USERNAME: credentials.username,
    RXFORCE_PRIVATE_KEY_FILE: credentials.privateKeyPath,
    RXFORCE_CA_FILE: caFile,
    SF_LOGIN_URL: httpUrl,
    SF_INSTANCE_URL: httpUrl,
    SF_ORGANIZATION_ID: credentials.organizationId,
    SF_CLIENT_ID: credentials.clientId,
    SF_CLIENT_SECRET: credentials.clientSecret,
    SF_USERNAME: credentials.username,
    SF_PASSWORD: credentials.password,
    SF_SECURITY_TOKEN: credentials.securityToken,
    SF_ACCESS_TOKEN: credentials.accessToken,
  };
}

function file(directory: string, name: string, content: object): string {
  const path = join(directory, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** Gives each test a directory of its own. */
function withDirectory(tests: (directory: () => string) => void): void {
  let path = '';
  beforeEach(() => (path = mkdtempSync(join(tmpdir(), 'rxforce-emulator-'))));
  afterEach(() => rmSync(path, { recursive: true }));
  tests(() => path);
}
