import { runCommand } from './command/program.js';

// A reader that has seen enough, as head does, ends the command in peace.
const endInPeace = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
};
process.stdout.on('error', endInPeace);
process.stderr.on('error', endInPeace);

const listen = (signals: readonly NodeJS.Signals[], listener: () => void) => {
  signals.forEach((signal) => process.on(signal, listener));
  return () => signals.forEach((signal) => process.off(signal, listener));
};

/**
 * How long what cannot be called back keeps the process after its command: a login that waits for its answer, or what a
 * module has left open.
 */
const LINGER_MS = 1_000;

process.exitCode = await runCommand({
  args: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onSignal: (ended) => listen(['SIGTERM', 'SIGINT'], ended),
  onReopen: (reopen) => listen(['SIGHUP'], reopen),
  exitNow: (code) => process.exit(code),
});

setTimeout(() => process.exit(), LINGER_MS).unref();
