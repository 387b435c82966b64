import type avro from 'avsc';
import type { Type } from 'avsc';
import { types } from './avsc.js';
import { DECODER_KIT } from './decoder-kit.js';
import { bytelessValuesOf } from './schema-bounds.js';
import { BITMAPS, bodyFields, COMMIT_NUMBER, isChangeEvent } from './event-record.js';
import { unionBranches } from './union-branches.js';

type Field = Pick<avro.types.Field, 'name' | 'type'>;

/** A field, and the variable that it is read into, unless it is read over. */
type Value = Field & { readonly value?: string | undefined };

/** Reads a branch, a symbol or a count into `n`. */
const READ_INT = read('n', 'int(bytes, p)');
const SKIP_SIZED = 'p = skipSized(bytes, p, end);';
/** Node optimizes no function whose bytecode has more than 60 KB, which are some 300 fields. */
const MOST_INLINE = 128;
const SECTION = 64;
/** How avsc calls a long that is read in our way. */
const LONG = 'abstract:long';

/** Writes the text of one decoder. */
class DecoderSource {
  /** What stands before the decoder: the symbols of enums, and functions for records inside records. */
  private readonly before: string[] = [];
  private readonly named = new Map<string, Map<Type, string>>();
  private variables = 0;
  private texts = 0;

  /** @param wanted - The fields that are read; the others are read over. All by default. */
  constructor(
    private readonly record: avro.types.RecordType,
    private readonly wanted: ReadonlySet<string> | undefined,
  ) {}

  write(): string {
    const { record } = this;
    const header = isChangeEvent(record) ? this.header() : ['const header = undefined;'];
    const lines = [...header, ...this.data(bodyFields(record))];
    return [
      `const { ${Object.keys(DECODER_KIT).join(', ')} } = kit;`,
      `const points = textPoints(${this.texts});`,
      ...this.before,
      'return (bytes, start, end) => {',
      ...indented(['let p = start, n = 0;', 'at.free = (end - start) * 8;', ...lines]),
      ...indented(['if (p !== end) fail();', 'if (saw.bigint) asText(data);', 'return { header, data };']),
      '};',
    ].join('\n');
  }

  private header(): string[] {
    const { fields } = this.record.fields[0]?.type as avro.types.RecordType;
    const values = fields.map(({ name, type }) => ({ name, type, value: this.variable() }));
    const parameters = values.map(({ value }) => value).join(', ');
    const sets = values.map(({ name, value }) => `this.${name} = ${value};`);
    this.before.push(`function Header(${parameters}) {`, ...indented(sets), '}', 'Header.prototype = headerPrototype;');
    return [
      ...values.flatMap(({ name, type, value }) => [
        `let ${value}; // ${name}`,
        ...this.headerField(name, type, value),
      ]),
      `const header = new Header(${parameters});`,
    ];
  }

  private headerField(name: string, type: Type, value: string): string[] {
    if (name === COMMIT_NUMBER && isLong(type)) return [read(value, 'bigint(bytes, p)')];
    const lines = this.value(type, value);
    if (name === COMMIT_NUMBER) return [...lines, `${value} = BigInt(${value});`];
    if (!(BITMAPS as readonly string[]).includes(name)) return lines;
    if (!(type instanceof types.ArrayType)) return [...lines, `${value} = names(${value});`];
    return [
      `if (bytes[p] === 0) { p++; ${value} = NO_NAMES; } else {`,
      ...indented([...lines, `${value} = names(${value});`]),
      '}',
    ];
  }

  private data(fields: readonly Field[]): string[] {
    const isWanted = (name: string) => this.wanted?.has(name) ?? true;
    const values = fields.map(({ name, type }) => ({
      name,
      type,
      value: isWanted(name) ? this.variable() : undefined,
    }));
    const reads = values.length > MOST_INLINE ? this.sections(values) : values.flatMap((value) => this.field(value));
    return ['saw.bigint = false;', ...reads, `const data = ${literal(values)};`];
  }

  /**
   * A function for each few fields of many. Their variables stand outside, where they keep the last event's values
   * until the next one comes.
   */
  private sections(values: readonly Value[]): string[] {
    return Array.from({ length: Math.ceil(values.length / SECTION) }, (_, index) => {
      const ofSection = values.slice(index * SECTION, (index + 1) * SECTION);
      const variables = ofSection.flatMap(({ value }) => value ?? []);
      const reads = ofSection.flatMap(({ name, type, value }) => [`// ${name}`, ...this.value(type, value)]);
      this.before.push(
        ...(variables.length > 0 ? [`let ${variables.join(', ')};`] : []),
        ...functionOf(`section${index}`, [...reads, 'return p;']),
      );
      return `p = section${index}(bytes, p, end);`;
    });
  }

  private field({ name, type, value }: Value): string[] {
    return value === undefined
      ? [`// ${name}`, ...this.value(type)]
      : [`let ${value}; // ${name}`, ...this.value(type, value)];
  }

  /** Statements that read a value at `p` into a variable, or read over it where there is none. */
  private value(type: Type, into?: string): string[] {
    const branches = unionBranches(type);
    if (branches) return this.union(branches, into);
    if (type instanceof types.RecordType) return this.call(type, into);
    if (type instanceof types.ArrayType) return this.array(type.itemsType, into);
    if (type instanceof types.MapType) return this.map(type.valuesType as Type, into);
    if (type instanceof types.EnumType) return this.symbol(type, into);
    if (type instanceof types.FixedType) {
      return [into === undefined ? `p += ${type.size};` : read(into, `copy(bytes, p, end, ${type.size})`)];
    }
    return this.primitive(type.typeName, into);
  }

  private primitive(typeName: string, into: string | undefined): string[] {
    switch (typeName) {
      case 'null':
        return into === undefined ? [] : [`${into} = null;`];
      case 'boolean':
        return ['n = bytes[p++]; if (n > 1) fail();', ...(into === undefined ? [] : [`${into} = n === 1;`])];
      case 'int':
        return [read(into, 'int(bytes, p)')];
      case 'long':
      case LONG:
        return [into === undefined ? 'p = skipLong(bytes, p);' : read(into, 'long(bytes, p)')];
      case 'float':
        return [into === undefined ? 'p += 4;' : read(into, 'float(bytes, p)')];
      case 'double':
        return [into === undefined ? 'p += 8;' : read(into, 'double(bytes, p)')];
      case 'bytes':
        return [into === undefined ? SKIP_SIZED : read(into, 'blob(bytes, p, end)')];
      case 'string':
        return [into === undefined ? SKIP_SIZED : read(into, `text(bytes, p, end, points, ${this.texts++})`)];
      default:
        throw new TypeError(`No event uses the type "${typeName}".`);
    }
  }

  private union(branches: readonly Type[], into: string | undefined): string[] {
    const [first, second] = branches;
    if (branches.length === 2 && second && first?.typeName === 'null') {
      const set = into === undefined ? [] : [`${into} = null;`];
      return [
        'n = bytes[p++];',
        'if (n === 2) {',
        ...indented(this.value(second, into)),
        `} else if (n === 0) {`,
        ...indented(set),
        '} else fail();',
      ];
    }
    const cases = branches.flatMap((branch, index) => [
      `case ${index}:`,
      ...indented([...this.value(branch, into), 'break;']),
    ]);
    return [READ_INT, 'switch (n) {', ...indented([...cases, 'default: fail();']), '}'];
  }

  private symbol(type: avro.types.EnumType, into: string | undefined): string[] {
    const { symbols } = type;
    const name = this.once('symbols', type, (own) => [`const ${own} = ${JSON.stringify(symbols)};`]);
    const set = into === undefined ? [] : [`${into} = ${name}[n];`];
    return [READ_INT, `if (!(n >= 0 && n < ${symbols.length})) fail();`, ...set];
  }

  /** Arrays and maps come in blocks: a count, then the items; a negative count is followed by the block's size. */
  private blocks(itemType: Type, item: readonly string[]): string[] {
    const count = this.variable();
    const byteless = bytelessValuesOf(itemType);
    const bound = byteless > 0 ? [`if ((at.free -= ${count} * ${byteless}) < 0) fail();`] : [];
    return [
      'for (;;) {',
      ...indented([READ_INT, 'if (n === 0) break;', `let ${count} = n;`]),
      ...indented([`if (n < 0) { ${count} = -n; ${READ_INT} }`, `if (!(${count} <= end - p)) fail();`, ...bound]),
      ...indented([`for (; ${count} > 0; ${count}--) {`, ...indented(item), '}']),
      '}',
    ];
  }

  private array(itemType: Type, into: string | undefined): string[] {
    if (into === undefined) return this.blocks(itemType, this.value(itemType));
    const [list, item] = [this.variable(), this.variable()];
    // Most have one item. An array that begins empty has room for seventeen after its first push.
    const push = `if (${list} === undefined) ${list} = [${item}]; else ${list}.push(${item});`;
    const items = this.blocks(itemType, [`let ${item};`, ...this.value(itemType, item), push]);
    return [`let ${list};`, ...items, `${into} = ${list} ?? [];`];
  }

  private map(valueType: Type, into: string | undefined): string[] {
    if (into === undefined) {
      return this.blocks(valueType, [...this.primitive('string', undefined), ...this.value(valueType)]);
    }
    const [entries, key, value] = [this.variable(), this.variable(), this.variable()];
    const push = [
      `let ${key}, ${value};`,
      ...this.primitive('string', key),
      ...this.value(valueType, value),
      `${entries}.push([${key}, ${value}]);`,
    ];
    return [`const ${entries} = [];`, ...this.blocks(valueType, push), `${into} = Object.fromEntries(${entries});`];
  }

  /** A function of its own for each record inside, as several fields may be of its type. */
  private call(type: avro.types.RecordType, into: string | undefined): string[] {
    if (into !== undefined) return [`${into} = ${this.reader(type)}(bytes, p, end); p = at.p;`];
    const name = this.once('skip', type, (own) => {
      const reads = type.fields.flatMap((field) => this.field({ name: field.name, type: field.type }));
      return functionOf(own, [...reads, 'return p;']);
    });
    return [`p = ${name}(bytes, p, end);`];
  }

  private reader(type: avro.types.RecordType): string {
    return this.once('read', type, (own) => {
      const values = type.fields.map((field) => ({ name: field.name, type: field.type, value: this.variable() }));
      const reads = values.flatMap((value) => this.field(value));
      return functionOf(own, [...reads, 'at.p = p;', `return ${literal(values)};`]);
    });
  }

  /** The name of what is written once for a type, before the decoder. */
  private once(what: string, type: Type, write: (name: string) => readonly string[]): string {
    const names = this.named.get(what) ?? new Map<Type, string>();
    this.named.set(what, names);
    let name = names.get(type);
    if (name === undefined) {
      name = `${what}${names.size}`;
      names.set(type, name);
      this.before.push(...write(name));
    }
    return name;
  }

  private variable(): string {
    return `v${this.variables++}`;
  }
}

/**
 * The text of a function that decodes a schema's events. Its parameters are those of {@link compileDecoder}, which says
 * what it does.
 *
 * All reads stand one after the other, each inline: most fields of most events are null, and cost a look at one byte.
 * The text reads what is right. Of what is wrong it only notices that it is wrong, by few checks: it never moves back
 * in the message, and must end exactly where the payload ends, so that a read past the end is noticed there.
 *
 * @param wanted - The fields that are read. The others are read over, and nothing is made of them. All by default.
 */
export function decoderSource(record: avro.types.RecordType, wanted?: ReadonlySet<string>): string {
  return new DecoderSource(record, wanted).write();
}

/** Calls a function of the kit, which reads at `p`, and moves on. */
function read(into: string | undefined, call: string): string {
  return into === undefined ? `${call}; p = at.p;` : `${into} = ${call}; p = at.p;`;
}

function isLong({ typeName }: Type): boolean {
  return typeName === 'long' || typeName === LONG;
}

/** A function that reads at `p`. */
function functionOf(name: string, lines: readonly string[]): string[] {
  return [`function ${name}(bytes, p, end) {`, ...indented(['let n = 0;', ...lines]), '}'];
}

function literal(values: readonly Value[]): string {
  // In brackets, as `__proto__` alone would be the object's prototype.
  const key = (name: string) => (name === '__proto__' ? '["__proto__"]' : name);
  const parts = values.flatMap(({ name, value }) => (value === undefined ? [] : [`${key(name)}: ${value}`]));
  return `{ ${parts.join(', ')} }`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
