/**
 * Prints the URL of each module as it is loaded, on stderr: by the import of this package, then, after an empty line,
 * by a login that nobody answers.
 *
 * @packageDocumentation
 */
import { writeSync } from 'node:fs';
import { register } from 'node:module';

const PRINTING = `
  import { writeSync } from 'node:fs';
  export function load(url, context, next) {
    writeSync(2, url + '\\n');
    return next(url, context);
  }
`;

register(`data:text/javascript,${encodeURIComponent(PRINTING)}`);

const { jwtBearer } = await import('../../src/index.js');
const { generateKeyPairSync } = await import('node:crypto');

writeSync(2, '\n');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const nobody = 'http://127.0.0.1:1';
await jwtBearer({ loginUrl: nobody, clientId: 'app', username: 'user', privateKey })
  .open()
  .catch(() => undefined);
