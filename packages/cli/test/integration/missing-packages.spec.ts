import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** As it is published: its parts are not made into one file, and start faster than the sources do. */
const COMMAND = fileURLToPath(new URL('../../bin/rxforce.js', import.meta.url));

/** Code that makes a package one that is not installed. */
const without = (name: string) => {
  const hook = `export const resolve = (specifier, context, next) => {
    if (specifier !== '${name}') return next(specifier, context);
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  };`;
  const url = (code: string) => `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  return url(`import { register } from 'node:module'; register('${url(hook)}');`);
};

describe('rxforce run without a package that its file needs', () => {
  let folder = '';

  before(() => (folder = mkdtempSync(join(tmpdir(), 'rxforce-missing-'))));
  after(() => rmSync(folder, { recursive: true }));

  const REDIS = 'redis needs two packages more: npm install @rxforce/replay-redis ioredis';
  const NATS = 'nats needs two packages more: npm install @rxforce/jetstream @nats-io/transport-node';
  const cases = [
    ['redis', '@rxforce/replay-redis', REDIS],
    ['nats', '@rxforce/jetstream', NATS],
    ['nats', '@nats-io/transport-node', NATS],
  ] as const;
  for (const [section, name, says] of cases) {
    it(`says how to install it: ${name}`, async () => {
      const text = `salesforce: { access_token: '00D000000000001!token', instance_url: 'https://h' }\ntopics: [Account]\n${section}: { url: '${section}://127.0.0.1:1' }\n`;
      const file = join(folder, 'config.yaml');
      writeFileSync(file, text);
      const args = ['--import', without(name), COMMAND, 'run', file];
      const ended = await new Promise<{ readonly code: unknown; readonly stderr: string }>((resolve) => {
        execFile(process.execPath, args, (error, _stdout, stderr) => resolve({ code: error?.code, stderr }));
      });
      expect(ended.stderr).to.include(`error: ${says}\n`);
      expect(ended.code).to.equal(2);
    });
  }
});
