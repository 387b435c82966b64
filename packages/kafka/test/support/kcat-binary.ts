import { answering, foundProgram } from '../../../../test/support/found-program.js';

/** The program `kcat`; installed first, where it is missing and this may be done. */
export const kcatBinary = foundProgram({
  look: () => answering(['kcat'], ['-V']),
  debianPackage: 'kcat',
  missing:
    'These tests start the mock of a Kafka cluster that is in librdkafka, by kcat, and found no "kcat" on the PATH. ' +
    'Install version 1.7 or later: "apt-get install kcat" on Debian and Ubuntu, "brew install kcat" on macOS.',
});
