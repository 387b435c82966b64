import { INSTRUMENTS, prometheusName, type Instrument } from '../../packages/core/src/telemetry/index.js';

const BEGIN = '<!-- instruments: npm run telemetry -->';
const END = '<!-- end of instruments -->';

/** Those that most instruments have. The page names them once. */
const COMMON = ['messaging.system', 'messaging.destination.name', 'messaging.consumer.group.name', 'rxforce.org'];

/**
 * A page with the table of instruments as it is now.
 *
 * @throws `Error` when the page has no place for it.
 */
export function pageWithTable(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`The page has no lines "${BEGIN}" and "${END}".`);
  return `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
}

function table(): string {
  return [
    '| in OpenTelemetry | in Prometheus | kind | what it says | attributes |',
    '| --- | --- | --- | --- | --- |',
    ...INSTRUMENTS.map(rowOf),
  ].join('\n');
}

function rowOf(instrument: Instrument): string {
  const { name, kind, unit, description, attributes } = instrument;
  const own = attributes.filter((attribute) => !COMMON.includes(attribute)).map((attribute) => `\`${attribute}\``);
  const kindAndUnit = unit === 's' ? `${kind}, seconds` : kind;
  return `| \`${name}\` | \`${prometheusName(instrument)}\` | ${kindAndUnit} | ${description} | ${own.join(', ')} |`;
}
