import type { Context } from 'mocha';
import { orgFromEnvironment, type OrgAccess } from '../../packages/codegen/src/command/environment.js';

/** Each of these chooses a way to log in. */
const LOGINS = ['RXFORCE_ACCESS_TOKEN', 'RXFORCE_CLIENT_SECRET', 'RXFORCE_PRIVATE_KEY_FILE', 'RXFORCE_PRIVATE_KEY'];

/** What a test can need of the org, by the variable that names it. */
const NEEDS = {
  RXFORCE_LIVE_CHANGE_TOPIC: 'an object or a topic of change events, such as Account',
  RXFORCE_LIVE_EVENT_TOPIC:
    'the topic of a platform event that may be published, such as /event/Order__e (and RXFORCE_LIVE_EVENT to its fields ' +
    'in JSON, where some are required)',
  RXFORCE_LIVE_MANAGED: 'the developer name or the id of a managed subscription that nobody else reads',
} as const;

/** Why something is not shown, and which tests. */
const skipped = new Map<string, string[]>();

/** Skips a test, and says why at the end. */
export function skip(context: Context, why: string): never {
  skipped.set(why, [...(skipped.get(why) ?? []), context.test?.title ?? '']);
  context.skip();
}

/**
 * The org that the environment names. Without one the test is skipped.
 *
 * @throws `ConfigurationError` when the environment begins to name one, and something is missing or wrong.
 */
export function org(context: Context): OrgAccess {
  if (LOGINS.some((name) => setTo(name) !== undefined)) return orgFromEnvironment(process.env);
  return skip(
    context,
    `no org is named. Set ${LOGINS.join(' or ')}, and what else that login takes (CONTRIBUTING.md).`,
  );
}

/** What the environment names. Without it the test is skipped. */
export function need(context: Context, name: keyof typeof NEEDS): string {
  return setTo(name) ?? skip(context, `${name} is not set. Set it to ${NEEDS[name]}.`);
}

/** The value of a variable. One that is set to nothing is not set. */
export function setTo(name: string): string | undefined {
  const { [name]: value = '' } = process.env;
  return value === '' ? undefined : value;
}

/** Says what was not shown. */
export function tellSkipped(): void {
  const lines = [...skipped].flatMap(([why, titles]) => [
    `  Skipped, as ${why}`,
    ...titles.map((title) => `  - ${title}`),
  ]);
  console.log(lines.length === 0 ? '  Nothing was skipped.' : lines.join('\n'));
}
