import { z } from 'zod';
import type { SettingPath } from './place.js';

/** The inside of a schema, as zod keeps it. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly out?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
}

/** A schema without its defaults and its preparation. */
export function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { type, innerType, out, in: from } = definitionOf(schema);
  if (innerType) return bare(innerType);
  if (type !== 'pipe') return schema;
  return bare(from && definitionOf(from).type === 'transform' && out ? out : (from ?? schema));
}

/** The settings of an object by their names; `undefined` for any other schema. */
export function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  return definitionOf(bare(schema)).shape;
}

/** The values of a record; `undefined` for any other schema. */
export function valueTypeOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  return definitionOf(bare(schema)).valueType;
}

/** The schema at a path. Where there are several, the one whose `type` the value has. */
export function schemaAt(schema: z.core.$ZodType, path: SettingPath, value: unknown): z.core.$ZodType | undefined {
  const here = ofType(bare(schema), value);
  const [name, ...rest] = path;
  if (name === undefined) return here;
  const { shape, element, valueType } = definitionOf(here);
  const next = element ?? valueType ?? (shape && Object.hasOwn(shape, name) ? shape[name] : undefined);
  return next && schemaAt(next, rest, (Object(value) as Record<string, unknown>)[name]);
}

/** The names that an object at a path may have. */
export function namesAt(schema: z.core.$ZodType, path: SettingPath, value: unknown): readonly string[] {
  const found = schemaAt(schema, path, value);
  return found === undefined ? [] : Object.keys(shapeOf(found) ?? {});
}

/** Whether no command may print the value at a path. */
export function isSecretAt(schema: z.core.$ZodType, path: SettingPath, value: unknown): boolean {
  const [name, ...rest] = path;
  if (isSecret(schema)) return true;
  if (name === undefined) return false;
  const { shape, element, valueType } = definitionOf(ofType(bare(schema), value));
  const next = element ?? valueType ?? (shape && Object.hasOwn(shape, name) ? shape[name] : undefined);
  return next !== undefined && isSecretAt(next, rest, (Object(value) as Record<string, unknown>)[name]);
}

/** How much of the value at a path may be printed; `undefined` for all of it. */
export function shownAt(schema: z.core.$ZodType, path: SettingPath, value: unknown): unknown {
  const here = z.globalRegistry.get(schema)?.shown;
  const [name, ...rest] = path;
  if (here !== undefined || name === undefined) return here;
  const { shape, element, valueType } = definitionOf(ofType(bare(schema), value));
  const next = element ?? valueType ?? (shape && Object.hasOwn(shape, name) ? shape[name] : undefined);
  return next && shownAt(next, rest, (Object(value) as Record<string, unknown>)[name]);
}

function isSecret(schema: z.core.$ZodType): boolean {
  if (z.globalRegistry.get(schema)?.writeOnly === true) return true;
  const { innerType } = definitionOf(schema);
  return innerType !== undefined && isSecret(innerType);
}

function ofType(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  const { options } = definitionOf(schema);
  if (!options) return schema;
  const { type } = Object(value) as { readonly type?: unknown };
  const fits = (option: z.core.$ZodType) => {
    const tag = shapeOf(option)?.type;
    return tag !== undefined && z.safeParse(tag, type).success;
  };
  return options.find(fits) ?? schema;
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def;
}
