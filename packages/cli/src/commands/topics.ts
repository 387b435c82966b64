import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { table } from '../command/table.js';
import { orgTopics } from '../runtime/org-topics.js';
import { withOrg } from '../runtime/with-org.js';

/** `rxforce topics`: what the org has events of. */
export async function topics(context: Context, pattern: string | undefined, options: CommonOptions): Promise<number> {
  return withOrg(context, options, async ({ client }) => {
    const all = await orgTopics(client);
    const wanted = (pattern ?? '').toLowerCase();
    const found = all
      .filter(({ topic, label }) => `${topic} ${label}`.toLowerCase().includes(wanted))
      .sort((a, b) => a.topic.localeCompare(b.topic));
    await context.print(
      options.json === true
        ? `${JSON.stringify(found, null, 2)}\n`
        : table(
            ['TOPIC', 'KIND', 'LABEL'],
            found.map(({ topic, kind, label }) => [topic, kind, label]),
          ),
    );
    return EXIT.done;
  });
}
