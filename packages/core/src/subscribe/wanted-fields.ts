import { ConfigurationError } from '../model/errors.js';
import type { EventFields } from '../model/event-fields.js';
import type { Logger } from '../model/logger.js';
import type { ResolvedSubscribeOptions } from './options.js';

/** The option `fields` of one subscription, compared with the schemas of its events. */
export class WantedFields {
  /** The names that no schema so far has. */
  private unknown: readonly string[];
  private warnedOf: readonly string[] = [];

  constructor(
    private readonly topic: string,
    private readonly options: Pick<ResolvedSubscribeOptions, 'fields' | 'onMismatch'>,
    private readonly logger: Logger,
  ) {
    this.unknown = options.fields ?? [];
  }

  /**
   * Warns of names that neither this schema nor any earlier one has.
   *
   * @returns The error that the stream ends with instead.
   */
  look(fields: EventFields): ConfigurationError | undefined {
    this.unknown = this.unknown.filter((name) => !isField(name, fields));
    const [wrong] = this.unknown;
    const { onMismatch } = this.options;
    if (wrong === undefined || onMismatch === 'ignore') return undefined;
    if (onMismatch === 'error') return new ConfigurationError(this.mismatch(wrong, fields), { topic: this.topic });
    for (const name of this.unknown) {
      if (this.warnedOf.includes(name)) continue;
      this.warnedOf = [...this.warnedOf, name];
      this.logger.warn(
        `${this.mismatch(name, fields)} It goes on without; onMismatch: 'ignore' says that it is meant.`,
      );
    }
    return undefined;
  }

  private mismatch(name: string, fields: EventFields): string {
    return `${this.topic}: fields names "${name}", but ${fields.eventName} has no such field. ${advice(name, fields)}`;
  }
}

/** Only whole fields can be read. A path into a compound names no field. */
function isField(name: string, fields: EventFields): boolean {
  return !name.includes('.') && fields.kindsOf(name) !== undefined;
}

function advice(name: string, fields: EventFields): string {
  if (name === 'Id') return 'The ids of the records are in header.recordIds.';
  const compound = name.split('.')[0] ?? '';
  if (name.includes('.') && isField(compound, fields)) return `Name the compound, which comes whole: "${compound}".`;
  const closest = fields.closestTo(name);
  if (closest === undefined) return 'Look the name up in the schema, which client.schema() gives.';
  const [field, child] = closest.split('.');
  return child === undefined ? `Did you mean "${field}"?` : `Did you mean "${field}", which comes with its ${child}?`;
}
