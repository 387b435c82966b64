import type { OrgRequest } from '@rxforce/core';
import type { Logger } from '@rxforce/core/model';
import type { DeadLetterQueue } from '@rxforce/dead-letters';
import { isObservable, type Observable } from 'rxjs';
import { ConfigurationError } from '@rxforce/core/model';
import type { SinkEvent } from '../sinks/sink.js';
import { defaultExportOf } from './user-module.js';

/** What a pipeline of yours gets beside the events. */
export interface PipelineContext {
  /** The whole name of the topic, and the name of its position. */
  readonly topic: string;
  readonly name: string;
  readonly logger: Logger;
  /** The dead letters of the topic, for `retryWithDLQ`. */
  readonly deadLetters: DeadLetterQueue;
  /** Calls the org's REST API with the session of the client. */
  readonly fetch: (path: string, request?: OrgRequest) => Promise<Response>;
}

/**
 * Operators of yours. What it gives goes to the sink, where the topic has one: then it must be events. Otherwise it
 * must work on the events itself, with `handle` or another operator that holds them.
 */
export type Pipeline = (events$: Observable<SinkEvent>, context: PipelineContext) => Observable<unknown>;

/**
 * Gives a pipeline its types:
 *
 * ```ts
 * export default definePipeline((events$, { logger }) => events$.pipe(handle(save)));
 * ```
 */
export function definePipeline(pipeline: Pipeline): Pipeline {
  return pipeline;
}

/**
 * Loads a pipeline from a module.
 *
 * @throws `ConfigurationError` when the module cannot be loaded, or its default export is no function.
 */
export async function loadPipeline(path: string, directory: string): Promise<Pipeline> {
  const pipeline = await defaultExportOf(path, directory);
  if (typeof pipeline !== 'function') {
    throw new ConfigurationError(
      `${path} has no function as its default export: export default definePipeline((events$) => events$.pipe(…)).`,
    );
  }
  return (events$, context) => {
    const made: unknown = (pipeline as Pipeline)(events$, context);
    if (isObservable(made)) return made;
    throw new ConfigurationError(`The pipeline ${path} gave no Observable: return events$.pipe(…).`);
  };
}
