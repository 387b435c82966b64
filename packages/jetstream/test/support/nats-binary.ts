import { answering, foundProgram } from '../../../../test/support/found-program.js';

/** The program `nats-server`; installed first, where it is missing and this may be done. */
export const natsBinary = foundProgram({
  // Debian has it in /usr/sbin, which is not on every PATH.
  look: () => answering(['nats-server', '/usr/sbin/nats-server'], ['--version']),
  debianPackage: 'nats-server',
  missing:
    'These tests start real NATS servers, and found no "nats-server" on the PATH. Install version 2.9 or later: ' +
    '"apt-get install nats-server" on Debian and Ubuntu, "brew install nats-server" on macOS.',
});
