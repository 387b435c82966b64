import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT } from './exit-codes.js';
import type { Context, Surroundings } from './context.js';
import type { CommonOptions } from './load.js';

/** What a command module has: a function that runs it, and gives the exit code. */
type Run<A extends readonly unknown[]> = (context: Context, ...args: A) => Promise<number>;

/** The code of the error that ends the command when the version is asked for. */
const VERSION = 'commander.version';

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
  let help = '';
  const run = async (): Promise<number> => {
    try {
      await program(around, start, (text) => (help += text)).parseAsync(around.args, { from: 'user' });
      return code;
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      const { written } = await import('./output.js');
      await written(around.stdout, error.code === VERSION ? await versionText() : help);
      return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
  };
  try {
    return await run();
  } catch (error) {
    const { OutputError } = await import('./output.js');
    // A reader that has seen enough ends the command in peace.
    if (OutputError.isReaderGone(error)) return EXIT.done;
    const { exitCodeOf, reportError } = await import('./report-error.js');
    reportError(error, (text) => (context ? context.note(text) : around.stderr.write(`${text}\n`)));
    return exitCodeOf(error);
  }
}

async function versionText(): Promise<string> {
  const { ownVersion } = await import('./version.js');
  return `${ownVersion()}\n`;
}

type Start = <A extends readonly unknown[]>(
  load: () => Promise<Run<A>>,
) => (...given: readonly unknown[]) => Promise<void>;

function program(around: Surroundings, start: Start, writeOut: (text: string) => void): Command {
  const root = emptyProgram(around, writeOut);
  addCommands(root, start);
  addSiblings(root, start);
  return root;
}

function emptyProgram(around: Surroundings, writeOut: (text: string) => void): Command {
  return (
    new Command('rxforce')
      .description('Salesforce Change Data Capture from a configuration file.')
      .option('-V, --version', 'show the version')
      .on('option:version', () => {
        throw new CommanderError(EXIT.done, VERSION, 'the version is asked for');
      })
      .exitOverride()
      .enablePositionalOptions()
      // An action is needed, and read here as if it were not: so a command without one can say which there are.
      .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
      .configureOutput({
        writeOut,
        writeErr: (text) => void around.stderr.write(text),
      })
  );
}

function addCommands(root: Command, start: Start): void {
  const command = (name: string, description: string) =>
    root
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'the configuration; config.yaml by default')
      .option('--env-file <file>', 'variables, as node --env-file reads them')
      .option('--org <name>', 'which org, where the configuration has several')
      .option('--json', 'results as JSON');

  command('run [file]', 'read events, and write them to sinks')
    .option('--only <topic>', 'only this topic; can be given several times', several)
    .option('--role <role>', 'with redis.log or nats.log: reader fills the log, worker works on what is in it')
    .option('--drain-timeout <time>', 'longest wait for work under way at the end, such as 20s', time, 20_000)
    .option('--debug', 'log everything that happens')
    .action(start(async () => (await import('../commands/run.js')).run));
  command('check [file]', 'look for what is wrong with a configuration')
    .option('--connect', 'also log in, and try each topic, store and sink')
    .option('--print', 'print the configuration that counts, without secrets')
    .option('--schema', 'print the JSON schema of configurations, for editors')
    .action(start(async () => (await import('../commands/check.js')).check));
  command('init', 'write a configuration to begin with')
    .option('--login <login>', 'jwt, client_credentials, password or session', 'jwt')
    .option('--sink <type>', 'stdout, file, webhook, nats, postgres, sqlite, redis-stream or module', 'stdout')
    .option('--topic <topic>', 'what to subscribe to; can be given several times', several)
    .option('--directory <path>', 'where to write to', '.')
    .action(start(async () => (await import('../commands/init.js')).init));
  command('tail <topic...>', 'show events as they come, without a position')
    .option('--from <start>', 'latest, earliest, a time or a replay id', 'latest')
    .option('--type <types>', 'only these changes, such as CREATE,UPDATE')
    .option('--where <condition>', 'only these, such as "Amount > 1000 AND StageName = \'Won\'"')
    .option('--fields <fields>', 'only these fields, such as Name,Amount')
    .option('-n, --limit <count>', 'end after so many events', count)
    .action(start(async () => (await import('../commands/tail.js')).tail));
  command('topics [pattern]', 'list what the org has events of').action(
    start(async () => (await import('../commands/topics.js')).topics),
  );
  command('schema <topic>', 'show the fields of the events of a topic, or of the id of a schema').action(
    start(async () => (await import('../commands/schema.js')).schema),
  );
  command('publish <topic> [file]', 'publish platform events: a line of JSON for each, of a file or of standard input')
    .option('--data <name=value>', 'a field of a single event; can be given several times', several)
    .action(start(async () => (await import('../commands/publish.js')).publish));
  command('snapshot <object>', 'read the records of an object, as lines of JSON')
    .option('--out <file>', 'write to this file, and not to standard output')
    .option('--where <condition>', 'a condition in SOQL, such as "Type = \'Customer\'"')
    .option('--fields <fields>', 'only these fields, such as Name,BillingAddress')
    .option('--again <name>', 'let the topic with the position of this name read them again, when it runs next')
    .action(start(async () => (await import('../commands/snapshot.js')).snapshot));
  command('positions [action]', 'list, show, set or delete how far topics were read')
    .usage('<action> [options]')
    .option('--topic <topic>', 'only this topic')
    .option('--name <name>', 'only the position of this name')
    .option('--to <place>', 'for set: earliest, a time or a replay id')
    .option('--force', 'for set: also where no topic of the configuration has the name')
    .action(start(async () => (await import('../commands/positions.js')).positions));
  command('top', 'show what a running process does, again and again')
    .option('--url <url>', 'the process, such as http://127.0.0.1:8080; that of the configuration by default')
    .option('--token <token>', 'the token of its page, where it has one')
    .option('--once', 'show it once')
    .action(start(async () => (await import('../commands/top.js')).top));
  command('dlq [action] [ids...]', 'list, show, redrive, discard or export what failed for good')
    .usage('<action> [ids...] [options]')
    .option('--topic <topic>', 'only letters of this topic')
    .option('--match <text>', 'only letters whose error, object or record id has this text')
    .option('--limit <count>', 'at most so many letters', count)
    .option('--all', 'for discard: all letters')
    .action(start(async () => (await import('../commands/dlq.js')).dlq));
  command('dashboard', 'print the board for Grafana').action(
    start(async () => (await import('../commands/dashboard.js')).dashboard),
  );
  command('manifests', 'print the objects for Kubernetes')
    .option('--overlay <overlay>', 'single, replicas or workers', 'single')
    .option('--image <image>', 'the image, with its tag')
    .option('--prometheus <url>', 'where Prometheus is, for the scaler of workers')
    .action(start(async () => (await import('../commands/manifests.js')).manifests));
}

/** The commands of other packages, which read their options themselves. */
function addSiblings(root: Command, start: Start): void {
  for (const [name, what] of [
    ['codegen', 'write types for the events of an org: the command of @rxforce/codegen'],
    ['emulator', 'start a Salesforce of your own: the command of @rxforce/emulator'],
  ] as const) {
    root
      .command(`${name} [args...]`)
      .description(what)
      .helpOption(false)
      .allowUnknownOption()
      .passThroughOptions()
      .action(start(async () => siblingOf(name, (await import('../commands/sibling.js')).sibling)));
  }
}

type Sibling = typeof import('../commands/sibling.js').sibling;

function siblingOf(name: Parameters<Sibling>[1], run: Sibling): Run<[readonly string[]]> {
  return (context, args) => run(context, name, args);
}

function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(text);
}

function time(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError('Give a time with its unit, such as 500ms, 20s or 2m.');
  return Number(amount) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}
