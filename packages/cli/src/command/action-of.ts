import { ConfigurationError } from '@rxforce/core/model';

/**
 * What an action of a command does.
 *
 * @param given - The name on the command line; `undefined` where it has none.
 * @throws `ConfigurationError` that names the actions, when it is none of them.
 */
export function actionOf<T>(command: string, given: string | undefined, actions: Readonly<Record<string, T>>): T {
  const found = given !== undefined && Object.hasOwn(actions, given) ? actions[given] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(actions).join(', ');
  throw new ConfigurationError(
    given === undefined
      ? `${command} needs an action. There are ${names}.`
      : `${command} ${given}: there is no such action. There are ${names}.`,
  );
}
