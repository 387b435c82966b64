import type { PubSubClient } from '@rxforce/core';
import { RxforceError, type Logger } from '@rxforce/core/model';
import {
  catchError,
  defer,
  EMPTY,
  filter,
  identity,
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import { BrokenConfigurationError } from '../config/configuration.js';
import { isChannel } from '../config/topic-names.js';
import type { SinkEvent } from '../sinks/sink.js';
import { schemaFieldsOf } from './schema-fields.js';
import type { TopicPlan } from './topic-plan.js';
import { whereOf } from './where.js';
import { whereProblems, type WhereProblem } from './where-problems.js';

type WherePlan = Pick<TopicPlan, 'topic' | 'where' | 'placeOf'>;

/**
 * Lets through what `where` of a topic says. An event that could never pass ends the stream with a
 * `ConfigurationError`, before it is dropped. A channel has several objects, and not each need have the field: there it
 * is a warning.
 */
export function onlyWhere(plan: WherePlan, logger: Logger): MonoTypeOperatorFunction<SinkEvent> {
  const { where, topic } = plan;
  if (!where) return identity;
  const warn = (problems: readonly WhereProblem[]) => warnOf(problems, { topic, logger });
  return filter(whereOf(where, isChannel(topic) ? warn : (problems) => refuse(problems, plan)));
}

/** Warns of conditions that no event fulfils. Of a channel, an object without the field is as it should be. */
export function warnOf(
  problems: readonly WhereProblem[],
  { topic, logger }: { readonly topic: string; readonly logger: Logger },
): void {
  for (const { message, isMissing } of problems) {
    if (!isMissing || !isChannel(topic)) logger.warn(`${topic}: ${message}`);
  }
}

/**
 * Looks whether an event of a topic can be as `where` says, before anything is read. It completes without a value, also
 * where the schema cannot be had now: then the first event decides.
 *
 * Errors with a `ConfigurationError` when no event can be so, and with that of a login that is refused.
 */
export function whereCheck(plan: WherePlan, client: Pick<PubSubClient, 'topic' | 'schema'>): Observable<never> {
  const { where, topic } = plan;
  if (!where || isChannel(topic)) return EMPTY;
  const schema$ = defer(() => client.topic(topic)).pipe(
    mergeMap(({ schemaId }) => (schemaId === undefined ? EMPTY : client.schema(schemaId))),
  );
  return schema$.pipe(
    mergeMap(({ json }) => {
      const problems = whereProblems(where, schemaFieldsOf(json));
      if (problems.length > 0) refuse(problems, plan);
      return EMPTY;
    }),
    catchError((error: unknown) => {
      if (RxforceError.is(error) && FINAL.includes(error.code)) throw error;
      return EMPTY;
    }),
  );
}

/** Errors that reading would end with, too. */
const FINAL: readonly string[] = ['configuration', 'authentication'];

function refuse(problems: readonly WhereProblem[], { placeOf }: WherePlan): never {
  throw new BrokenConfigurationError(
    problems.map(({ path, message }) => ({ ...placeOf(['where', ...path]), message })),
  );
}
