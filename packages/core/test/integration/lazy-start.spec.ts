import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const SCRIPT = fileURLToPath(new URL('../support/lazy-start-main.ts', import.meta.url));
const LIBRARIES_OF_LOGINS = ['jose', 'oauth4webapi', 'undici'];

/** The libraries of logins among what a process has loaded: at its start, and for its first login. */
function loaded(): { readonly atStart: string[]; readonly forLogin: string[] } {
  const { stderr, status } = spawnSync(process.execPath, ['--conditions=rxforce-source', '--import=tsx', SCRIPT], {
    encoding: 'utf8',
  });
  expect(status, stderr).to.equal(0);
  const [atStart = '', forLogin = ''] = stderr.split('\n\n');
  const librariesIn = (urls: string) =>
    LIBRARIES_OF_LOGINS.filter((library) => urls.includes(`/node_modules/${library}/`));
  return { atStart: librariesIn(atStart), forLogin: librariesIn(forLogin) };
}

describe('the start of a process', () => {
  it('loads the libraries of logins for the first login, and not before', () => {
    expect(loaded()).to.deep.equal({ atStart: [], forLogin: LIBRARIES_OF_LOGINS });
  });
});
