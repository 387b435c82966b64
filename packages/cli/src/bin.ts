import { EXIT } from './command/exit-codes.js';
import { runCommand } from './command/program.js';

// Who writes results learns of it. What is for people alone must not end the work: nobody reads it any more.
const goOn = (): void => undefined;
process.stdout.on('error', goOn);
process.stderr.on('error', goOn);

const listen = (signals: readonly NodeJS.Signals[], listener: () => void) => {
  signals.forEach((signal) => process.on(signal, listener));
  return () => signals.forEach((signal) => process.off(signal, listener));
};

/**
 * How long what cannot be called back keeps the process after its command: a login that waits for its answer, or what a
 * module has left open.
 */
const LINGER_MS = 1_000;

/** Node is about to end the process, with 0, as nothing is left that could wake it; but the command still waits. */
const unfinished = () => {
  process.exitCode = EXIT.failed;
  process.stderr.write(
    'error: The command is not over, but waits for a promise that nobody resolves. Check your modules.\n',
  );
};
process.once('beforeExit', unfinished);

void runCommand({
  args: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onSignal: (ended) => listen(['SIGTERM', 'SIGINT'], ended),
  onReopen: (reopen) => listen(['SIGHUP'], reopen),
  exitNow: (code) => process.exit(code),
}).then((code) => {
  process.off('beforeExit', unfinished);
  process.exitCode = code;
  setTimeout(() => process.exit(), LINGER_MS).unref();
});
