import { createClient } from '@rxforce/core';
import { RxforceError } from '@rxforce/core/model';
import { eventTypes, type EventType, type TopicSchema } from '../event-type.js';
import { generateTypes } from '../generate-types.js';
import type { PickListValues } from '../render-types.js';
import { readCommandLine, type CommandLine } from './command-line.js';
import { orgFromEnvironment, type Environment } from './environment.js';
import { fetchPickLists } from './fetch-pick-lists.js';
import { fetchSchemas } from './fetch-schemas.js';
import { isUpToDate, readSchema, writeModule } from './files.js';
import { USAGE } from './usage.js';

/** The environment of the command. */
export interface CodegenContext {
  readonly args: readonly string[];
  readonly environment: Environment;
  /** Writes to standard output. */
  readonly print: (text: string) => void;
  /** Writes to standard error. */
  readonly complain: (text: string) => void;
}

/** The exit codes of the command. */
const EXIT = { done: 0, notUpToDate: 1, failed: 2 } as const;

/** Runs `rxforce-codegen`, and resolves with its exit code. Errors are reported on standard error. */
export async function runCodegen(context: CodegenContext): Promise<number> {
  try {
    const commandLine = readCommandLine(context.args);
    if (commandLine.help) {
      context.print(USAGE);
      return EXIT.done;
    }
    return deliver(await generate(commandLine, context.environment), commandLine, context);
  } catch (error) {
    // A defect of the command itself needs its stack.
    context.complain(`error: ${RxforceError.is(error) ? error.message : String((error as Error).stack)}\n`);
    return EXIT.failed;
  }
}

async function generate(commandLine: CommandLine, environment: Environment): Promise<string> {
  const fromFiles = commandLine.schemaFiles.map(readSchema);
  if (commandLine.topics.length === 0 && !commandLine.pickLists) return generateTypes(eventTypes(fromFiles));
  const { events, values } = await askOrg(commandLine, environment, fromFiles);
  return generateTypes(events, values);
}

/** One client asks both APIs, so that it logs in once. */
async function askOrg(
  { topics, pickLists }: CommandLine,
  environment: Environment,
  fromFiles: readonly TopicSchema[],
): Promise<{ readonly events: readonly EventType[]; readonly values: PickListValues }> {
  const client = createClient(orgFromEnvironment(environment));
  try {
    const events = eventTypes([...fromFiles, ...(await fetchSchemas(client, topics))]);
    return { events, values: pickLists ? await fetchPickLists(client, events) : new Map() };
  } finally {
    client.close();
  }
}

function deliver(text: string, { out, check }: CommandLine, { args, print, complain }: CodegenContext): number {
  if (out === undefined) {
    print(text);
    return EXIT.done;
  }
  if (!check) {
    writeModule(out, text);
    return EXIT.done;
  }
  if (isUpToDate(out, text)) return EXIT.done;
  const command = args.filter((arg) => arg !== '--check').join(' ');
  complain(`${out} is not up to date. Run: rxforce-codegen ${command}\n`);
  return EXIT.notUpToDate;
}
