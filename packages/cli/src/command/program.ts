import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.js';
import type { Context, Surroundings } from './context.js';
import type { CommonOptions } from './load.js';

/** What a command module has: a function that runs it, and gives the exit code. */
type Run<A extends readonly unknown[]> = (context: Context, ...args: A) => Promise<number>;

/**
 * Runs `rxforce`, and resolves with the exit code. Errors are reported on standard error. Each command is loaded only
 * when it is run, so that help is fast.
 */
export async function runCommand(around: Surroundings): Promise<number> {
  let code: number = EXIT.done;
  let context: Context | undefined;
  const start =
    <A extends readonly unknown[]>(load: () => Promise<Run<A>>) =>
    async (...given: readonly unknown[]): Promise<void> => {
      // The last argument is the command itself, and the one before has the options.
      const command = given.at(-1) as Command;
      const { contextOf } = await import('./load.js');
      context = contextOf(around, command.opts<CommonOptions>());
      code = await (await load())(context, ...(given.slice(0, -1) as unknown as A));
    };
  try {
    await program(around, start).parseAsync(around.args as string[], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const { reportError } = await import('./report-error.js');
    reportError(error, (text) => (context ? context.note(text) : around.stderr.write(`${text}\n`)));
    return exitCodeOf(error);
  }
}

type Start = <A extends readonly unknown[]>(
  load: () => Promise<Run<A>>,
) => (...given: readonly unknown[]) => Promise<void>;

function program(around: Surroundings, start: Start): Command {
  const root = new Command('rxforce')
    .description('Salesforce Change Data Capture from a configuration file.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void around.stdout.write(text),
      writeErr: (text) => void around.stderr.write(text),
    });
  const command = (name: string, description: string) =>
    root
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the configuration; config.yaml by default')
      .option('--env-file <file>', 'variables, as node --env-file reads them')
      .option('--json', 'results as JSON');

  command('run [file]', 'read events, and write them to sinks')
    .option('--only <topic>', 'only this topic; can be given several times', several)
    .option('--drain-timeout <time>', 'longest wait for work under way at the end, such as 20s', time, 20_000)
    .option('--debug', 'log everything that happens')
    .action(start(async () => (await import('../commands/run.js')).run));
  command('check [file]', 'look for what is wrong with a configuration')
    .option('--connect', 'also log in, and try each topic, store and sink')
    .option('--print', 'print the configuration that counts, without secrets')
    .option('--schema', 'print the JSON schema of configurations, for editors')
    .action(start(async () => (await import('../commands/check.js')).check));
  return root;
}

function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function time(text: string): number {
  const [, amount, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Give a time such as 500ms, 20s or 2m.');
  return Number(amount) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}
