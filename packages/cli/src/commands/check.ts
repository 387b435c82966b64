import { stringify } from 'yaml';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import { loadConfiguration, type CommonOptions } from '../command/load.js';
import { plural } from '../command/plural.js';
import { DEFAULT_FILE, readConfiguration, type LoadedConfiguration } from '../config/configuration.js';
import { jsonSchemaOf } from '../config/json-schema.js';
import { lineOf, type Problem } from '../config/place.js';
import { withoutSecrets } from '../config/secrets.js';
import { settings, type Configuration } from '../config/settings/settings.js';
import { ofOrg } from '../runtime/chosen-plans.js';
import { hasNoOrg } from '../runtime/org-names.js';

/** The options of `rxforce check`. */
export interface CheckOptions extends CommonOptions {
  readonly connect?: boolean;
  readonly print?: boolean;
  readonly schema?: boolean;
}

/** `rxforce check`: looks for what is wrong with a configuration. */
export async function check(context: Context, file: string | undefined, options: CheckOptions): Promise<number> {
  if (options.schema === true) {
    await context.print(`${JSON.stringify(jsonSchemaOf(), null, 2)}\n`);
    return EXIT.done;
  }
  const config = file ?? options.config ?? DEFAULT_FILE;
  if (options.print === true) {
    await printed(context, ofOrg(loadConfiguration(context, { config }), options.org), options);
    return EXIT.done;
  }
  const loaded = readConfiguration({ file: config, environment: context.environment });
  if (loaded.err) return found(context, loaded.val, options);
  context.keepSecret(loaded.val.secrets);
  const hints = [...loaded.val.hints, ...adviceWithoutOrg(loaded.val.configuration, config)];
  const own = ofOrg(loaded.val, options.org);
  hints.forEach((hint) => context.note(`hint: ${lineOf(hint)}`));
  if (options.connect === true) {
    const { checkConnections } = await import('./check-connections.js');
    return checkConnections(context, own, options);
  }
  const { topics, sinks, nats, processing } = own.configuration;
  const letters = nats ? ` Dead letters are files, also with nats: ${processing.dead_letter_queue_path}.` : '';
  await (options.json === true
    ? context.print(`${JSON.stringify({ problems: [], hints })}\n`)
    : context.print(
        `${config} is right: ${plural(topics.length, 'topic')}, ${plural(Object.keys(sinks).length, 'sink')}.${letters}\n`,
      ));
  return EXIT.done;
}

/** It is right for workers, which read a log. */
function adviceWithoutOrg(configuration: Configuration, file: string): readonly Problem[] {
  if (!hasNoOrg(configuration)) return [];
  const message = 'is missing, so the file is for run --role worker alone: a reader, and most commands, need the org.';
  return [{ setting: 'salesforce', at: file, message }];
}

async function printed(context: Context, loaded: LoadedConfiguration, { json = false }: CheckOptions): Promise<void> {
  const shown = withoutSecrets(settings, loaded.configuration);
  await context.print(json ? `${JSON.stringify(shown, null, 2)}\n` : stringify(shown));
}

async function found(context: Context, problems: readonly Problem[], { json = false }: CheckOptions): Promise<number> {
  if (json) await context.print(`${JSON.stringify({ problems, hints: [] })}\n`);
  else problems.forEach((problem) => context.note(lineOf(problem)));
  return EXIT.found;
}
