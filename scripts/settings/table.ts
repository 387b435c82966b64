import { plainSchema, type JsonSchema } from '../../packages/cli/src/config/json-schema.js';

/** Where the table begins and ends in the page. */
export const BEGIN = '<!-- settings: npx tsx --conditions=rxforce-source scripts/settings/main.ts -->';
export const END = '<!-- end of settings -->';

interface Row {
  readonly name: string;
  readonly schema: JsonSchema;
  /** Whether it must be given. */
  readonly isNeeded: boolean;
}

/** The tables of all settings, as the page has them: one for each section. */
export function settingTables(): string {
  const { properties = {} } = plainSchema();
  return Object.entries(properties)
    .map(([name, schema]) => sectionOf(name, schema))
    .join('\n');
}

function sectionOf(name: string, schema: JsonSchema): string {
  if (name === 'sinks') return `### \`sinks.NAME\`\n\n${sinkTables(schema)}`;
  if (name === 'orgs') return `### \`orgs.NAME\`\n\nThe settings of \`salesforce\`, and:\n\n${orgTable(schema)}`;
  const inner = name === 'topics' ? (schema.items ?? {}) : schema;
  return `### \`${name}${name === 'topics' ? '[]' : ''}\`\n\n${tableOf(rowsOf(inner))}`;
}

/** Of the settings of an org, those that `salesforce` has not. */
function orgTable({ additionalProperties }: JsonSchema): string {
  const { properties: known = {} } = plainSchema().properties?.salesforce ?? {};
  return tableOf(rowsOf(additionalProperties as JsonSchema).filter(({ name }) => !(name in known)));
}

function sinkTables({ additionalProperties }: JsonSchema): string {
  const { oneOf = [] } = additionalProperties as JsonSchema;
  return oneOf
    .map((schema) => {
      const { type, ...properties } = schema.properties ?? {};
      return `\`type: ${textOf(type?.const)}\`\n\n${tableOf(rowsOf({ ...schema, properties }))}`;
    })
    .join('\n');
}

function rowsOf({ properties = {}, required = [] }: JsonSchema & { readonly required?: unknown }): readonly Row[] {
  const needed = required as readonly string[];
  return Object.entries(properties).flatMap(([name, schema]): readonly Row[] => {
    const row = { name, schema, isNeeded: needed.includes(name) };
    const inner = schema.properties ? rowsOf(schema).map((each) => ({ ...each, name: `${name}.${each.name}` })) : [];
    return [row, ...inner];
  });
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, schema, isNeeded }) => {
    const secret = schema.writeOnly === true ? ' Secret.' : '';
    return `| \`${name}\` | ${kindOf(schema)} | ${defaultOf(schema, isNeeded)} | ${escaped(`${schema.description ?? ''}${secret}`)} |`;
  });
  return ['| setting | value | default | what it does |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}

function kindOf(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (schema.const !== undefined) return `\`${textOf(schema.const)}\``;
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(', or ');
  if (schema.type === 'array') return `list of ${schema.items?.enum ? 'words' : 'texts'}`;
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'whole number',
    number: 'number',
    boolean: '`true`, `false`',
    object: 'settings',
    null: '`null`',
  };
  return names[String(schema.type)] ?? 'any';
}

function defaultOf({ default: preset, type }: JsonSchema, isNeeded: boolean): string {
  if (isNeeded) return '(needed)';
  return preset === undefined || type === 'object' ? '' : `\`${textOf(preset)}\``;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
