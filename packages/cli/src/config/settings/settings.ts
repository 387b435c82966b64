import { z } from 'zod';
import { natsSettings, redisSettings } from './engines.js';
import { httpSettings } from './http.js';
import { orgSettings, pubsubSettings, salesforceSettings } from './org.js';
import { sinkSettings } from './sinks.js';
import { telemetrySettings } from './telemetry.js';
import { processingSettings, topicSettings } from './topics.js';
import { capitals, shortName, text } from './values.js';

const logging = z.strictObject({
  level: capitals('DEBUG', 'INFO', 'WARNING', 'WARN', 'ERROR')
    .default('INFO')
    .describe('Lines of this level and above are written.'),
  format: text()
    .default('pretty')
    .describe(
      '`pretty`, `json`, or a format of Python with asctime, name, levelname and message: `%(asctime)s %(message)s`.',
    ),
  file: z
    .union([text(), z.null()])
    .default(null)
    .describe('The file of the log. `null`: standard error. Its directory is made, if only that one is missing.'),
});

/** A whole configuration. */
export const settings = z.strictObject({
  salesforce: salesforceSettings
    .optional()
    .describe(
      'Which org, and how to log in. Needed, unless there are `orgs`, or the file is for workers (`redis.log`, `nats.log`) alone.',
    ),
  orgs: z
    .record(shortName(), orgSettings)
    .optional()
    .describe('Several orgs, each by a name, in place of `salesforce`. Each topic says its `org`.'),
  pubsub: pubsubSettings.prefault({}),
  topics: z.array(topicSettings).min(1).describe('What to subscribe to.'),
  processing: processingSettings.prefault({}),
  redis: redisSettings.optional().describe('Positions and dead letters in Redis, in place of files.'),
  nats: natsSettings
    .optional()
    .describe(
      'Positions on NATS JetStream, in place of files and of `redis`. Dead letters stay files: `processing.dead_letter_queue_path`.',
    ),
  sinks: z.record(shortName(), sinkSettings).default({}).describe('Where events go, each by a name.'),
  http: httpSettings
    .optional()
    .describe('Serves /livez, /readyz, /startupz, /metrics and the page. Without it, no server runs.'),
  logging: logging.prefault({}),
  telemetry: telemetrySettings.prefault({}),
});

/** A configuration, checked, with the defaults filled in. */
export type Configuration = z.output<typeof settings>;
/** What a configuration file may say. */
export type ConfigurationInput = z.input<typeof settings>;
