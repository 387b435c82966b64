/** The pipelines of `rxforce-operators`: an operator each, or several. */
export const PIPELINE_NAMES = [
  'byChangeType',
  'filterField',
  'batchBy',
  'retryWithDLQ',
  'handle',
  'together',
  'rxjs',
] as const;

/** The name of one. */
export type PipelineName = (typeof PIPELINE_NAMES)[number];
