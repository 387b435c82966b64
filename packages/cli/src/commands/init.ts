import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@rxforce/core/model';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { NEEDS, type Login } from '../config/login-choice.js';

/** The options of `rxforce init`. */
export interface InitOptions extends CommonOptions {
  readonly login: string;
  readonly sink: string;
  readonly topic?: readonly string[];
  readonly directory: string;
}

const LOGINS: Readonly<Record<Login, readonly string[]>> = {
  jwt: ['client_id', 'username', 'private_key_path'],
  client_credentials: ['client_id', 'client_secret', 'login_url'],
  password: ['username', 'password'],
  session: ['access_token', 'instance_url'],
};

const SINKS: Readonly<Record<string, string>> = {
  stdout: 'sinks:\n  out: { type: stdout }\n',
  file: 'sinks:\n  out: { type: file, path: ./events.jsonl }\n',
  webhook: "sinks:\n  out: { type: webhook, url: https://example.com/hook, secret: '${HOOK_SECRET}' }\n",
  nats: "sinks:\n  out: { type: nats, url: '${NATS_URL}', subject: salesforce.changes }\n",
  postgres: "sinks:\n  out: { type: postgres, url: '${DATABASE_URL}' }\n",
  sqlite: 'sinks:\n  out: { type: sqlite, url: ./records.db }\n',
  'redis-stream': "sinks:\n  out: { type: redis-stream, url: '${REDIS_URL}', stream: salesforce }\n",
  module: 'sinks:\n  out: { type: module, path: ./sink.js }\n',
};

const PIPELINE = `// Install what it imports beside it: npm install @rxforce/cli @rxforce/operators. Without "type": "module" in package.json,
// its name must end with .mjs.
import { definePipeline } from '@rxforce/cli';
import { handle } from '@rxforce/operators';

/**
 * Operators of your own. An event counts as done once the work on it is: after a crash, what was under way comes again.
 */
export default definePipeline((events$, { logger }) =>
  events$.pipe(
    handle(async ({ id, data }) => {
      logger.info?.(\`event \${id} has \${Object.keys(data).length} fields\`);
    }),
  ),
);
`;

const MODULE = `/** A sink: called again with the same events after a failure, so writing twice must do no harm. */
export default (options, { logger }) => ({
  async write(events) {
    for (const { header, data } of events) logger.info(\`\${header?.changeType} \${header?.recordIds}\`);
  },
});
`;

/** `rxforce init`: writes a configuration to begin with. No file is overwritten. */
export function init(context: Context, options: InitOptions): Promise<number> {
  const { login, sink, directory, topic = ['Account'] } = options;
  if (!Object.hasOwn(LOGINS, login)) throw unknownWord('--login', login, Object.keys(NEEDS));
  if (!Object.hasOwn(SINKS, sink)) throw unknownWord('--sink', sink, Object.keys(SINKS));
  const names = LOGINS[login as Login];
  const files: Record<string, string> = {
    'config.yaml': configuration(login, names, topic, SINKS[sink] ?? ''),
    '.env.example': environment(names, SINKS[sink] ?? ''),
    'orders.js': PIPELINE,
    ...(sink === 'module' && { 'sink.js': MODULE }),
  };
  const there = Object.keys(files).filter((name) => existsSync(join(directory, name)));
  if (there.length > 0) {
    throw new ConfigurationError(`${there.join(' and ')} is there already. Remove it, or name another --directory.`);
  }
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text, { flag: 'wx' });
  context.note(`Wrote ${Object.keys(files).join(', ')}.`);
  context.note('Before you use orders.js: npm install @rxforce/cli @rxforce/operators');
  context.note('Copy .env.example to .env, fill it in, then try: rxforce check --connect --env-file .env');
  return Promise.resolve(EXIT.done);
}

function unknownWord(option: string, given: string, words: readonly string[]): ConfigurationError {
  return new ConfigurationError(`${option} ${given}: there is no such one. There are ${words.join(', ')}.`);
}

function configuration(login: string, names: readonly string[], topics: readonly string[], sinks: string): string {
  const settings = names.map((name) => `  ${name}: '\${SALESFORCE_${name.toUpperCase()}}'\n`).join('');
  return `# All settings: rxforce check --schema, and docs/guides/configuration.md
salesforce:
  login: ${login}
${settings}
topics:
${topics.map((topic) => `  - ${topic}\n`).join('')}  # Operators of your own, in place of a sink:
  # - { topic: /event/Order__e, pipeline: ./orders.js }

processing:
  replay_from_stored: true
  replay_storage_path: ./replay
  dead_letter_queue_path: ./failed_events

${sinks}
# Probes and metrics.
# http: { port: 8080, host: 127.0.0.1 }
`;
}

function environment(names: readonly string[], sinks: string): string {
  const variables = [
    ...names.map((name) => `SALESFORCE_${name.toUpperCase()}`),
    ...[...sinks.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name),
  ];
  return variables
    .map((name) => `${name}=${name === 'SALESFORCE_LOGIN_URL' ? 'https://acme.my.salesforce.com' : ''}\n`)
    .join('');
}
