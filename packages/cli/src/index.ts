/**
 * What modules of a configuration are written with: pipelines and sinks.
 *
 * @packageDocumentation
 */
export { definePipeline } from './runtime/pipeline.js';
export { SinkError } from './sinks/sink.js';
export type { Pipeline, PipelineContext } from './runtime/pipeline.js';
export type { EventSchemaInfo, Sink, SinkErrorDetails, SinkEvent, WriteContext } from './sinks/sink.js';
