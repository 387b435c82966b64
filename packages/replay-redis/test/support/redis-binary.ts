import { answering, foundProgram } from '../../../../test/support/found-program.js';

/** The program `redis-server`; installed first, where it is missing and this may be done. */
export const redisBinary = foundProgram({
  look: () => answering(['redis-server'], ['--version']),
  debianPackage: 'redis-server',
  missing:
    'These tests start real Redis servers, and found no "redis-server" on the PATH. Install version 7.0 or later: ' +
    '"apt-get install redis-server" on Debian and Ubuntu, "brew install redis" on macOS.',
});
