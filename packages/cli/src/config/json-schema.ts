import { z } from 'zod';
import { settings } from './settings/settings.js';

/** A JSON schema, or a part of one. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  [keyword: string]: unknown;
}

/** What stands in the place of a number or of `true`: a variable, or the same as a text. */
const AS_TEXT: Readonly<Record<string, JsonSchema>> = {
  number: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$|\\$\\{' },
  integer: { type: 'string', pattern: '^-?\\d+$|\\$\\{' },
  boolean: { type: 'string', pattern: '^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$|\\$\\{' },
};

/** The JSON schema of a configuration file, for editors. Variables may stand wherever a value stands. */
export function jsonSchemaOf(): JsonSchema {
  return withVariables(plainSchema()) as JsonSchema;
}

/** The JSON schema of a configuration, without variables: what the settings are, their defaults and what they do. */
export function plainSchema(): JsonSchema {
  return z.toJSONSchema(settings, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const { type, defaultValue } = zodSchema._zod.def as { readonly type: string; readonly defaultValue?: unknown };
      // What is prepared before it is checked has its default, too.
      if (type === 'default') jsonSchema.default = defaultValue;
    },
  }) as JsonSchema;
}

function withVariables(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withVariables);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { orText, propertyNames, ...rest } = schema as JsonSchema;
  delete rest.shown;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, withVariables(value)]),
  ) as JsonSchema;
  // A name is never a variable.
  if (propertyNames !== undefined) inner.propertyNames = propertyNames;
  if (inner.type === 'string' && typeof inner.pattern === 'string') inner.pattern = `${inner.pattern}|\\$\\{`;
  if (orText !== undefined) return { anyOf: [{ type: 'string', minLength: 1 }, inner] };
  const text = typeof inner.type === 'string' ? AS_TEXT[inner.type] : undefined;
  if (!text) return Array.isArray(inner.enum) ? orVariable(inner) : inner;
  const { description, default: preset, ...checked } = inner;
  return {
    ...(description && { description }),
    ...(preset !== undefined && { default: preset }),
    anyOf: [checked, text],
  };
}

function orVariable({ description, default: preset, ...checked }: JsonSchema): JsonSchema {
  return {
    ...(description && { description }),
    ...(preset !== undefined && { default: preset }),
    anyOf: [checked, { type: 'string', pattern: '\\$\\{' }],
  };
}
