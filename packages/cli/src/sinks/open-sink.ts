import type { SinkSettings } from '../config/settings/sinks.js';
import type { SinkContext } from './sink-context.js';
import type { Sink } from './sink.js';

/**
 * Opens a sink. What it is made of is loaded only now.
 *
 * @param topics - The topics whose events it will get.
 * @throws `ConfigurationError` when it cannot be opened as its settings say.
 */
export async function openSink(settings: SinkSettings, context: SinkContext, topics: readonly string[]): Promise<Sink> {
  switch (settings.type) {
    case 'stdout':
      return (await import('./stdout-sink.js')).stdoutSink(context.print);
    case 'file':
      return (await import('./file-sink.js')).fileSink(settings);
    case 'webhook':
      return (await import('./webhook-sink.js')).webhookSink(settings, { source: context.source, now: Date.now });
    case 'redis-stream':
      return (await import('./redis-stream-sink.js')).redisStreamSink(settings, context);
    case 'nats':
      return (await import('./nats-sink.js')).natsSink(settings, context);
    case 'module':
      return (await import('./module-sink.js')).moduleSink(settings, context);
    case 'postgres':
    case 'sqlite':
      return (await import('./sql-sink.js')).sqlSink(settings, context, topics);
  }
}
