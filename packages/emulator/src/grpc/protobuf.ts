import protobuf, { type Field, type IConversionOptions, type Reader, type Type, type Writer } from 'protobufjs';
import { mayGenerateCode } from '@rxforce/core/internal';

/*
 * protobufjs, which proto-loader uses, generates the code of each message type from text. Where that is not allowed, as
 * with `--disallow-code-generation-from-strings`, its types get functions that loop over their fields instead. This
 * happens when this module is loaded, because proto-loader makes types when it is loaded itself: import this before it.
 */
if (!mayGenerateCode()) interpretTypes();

/** Messages by the names of their fields. */
type Message = Record<string, unknown>;

/** The parts of protobufjs's own types that its declarations leave out. */
interface Classes {
  readonly Type: { generateConstructor: (type: Type) => () => unknown; readonly prototype: Type };
  readonly types: {
    readonly basic: Readonly<Record<string, number>>;
    readonly packed: Readonly<Record<string, number>>;
  };
}

/** Makes the import visible: an import without a name could seem to do nothing. */
export function readyProtobuf(): void {
  // It is ready as soon as this module is.
}

function interpretTypes(): void {
  const { Type: TypeClass } = protobuf as unknown as Classes;
  TypeClass.generateConstructor = (type) => () =>
    function GenericMessage(this: Message, properties: Message = {}) {
      for (const field of type.fieldsArray) if (field.repeated) this[field.name] = [];
      for (const [name, value] of Object.entries(properties))
        if (value != null && name !== '__proto__') this[name] = value;
    };
  TypeClass.prototype.setup = function setup(this: Type): Type {
    this.fieldsArray.forEach((field) => field.resolve());
    return Object.assign(this, {
      encode: (message: Message, writer?: Writer) => encode(this, message, writer ?? protobuf.Writer.create()),
      decode: (bytes: Reader | Uint8Array, length?: number) => decode(this, bytes, length),
      verify: () => null,
      fromObject: (object: Message) => fromObject(this, object),
      toObject: (message: Message, options: IConversionOptions = {}) => toObject(this, message, options),
    });
  };
}

const { basic, packed } = (protobuf as unknown as Classes).types;

function typeOf({ resolvedType }: Field): Type | undefined {
  return resolvedType instanceof protobuf.Type ? resolvedType : undefined;
}

/** The name of the functions of readers and writers. Enums are numbers of 32 bits. */
function scalarOf({ type, resolvedType }: Field): 'int32' {
  return (resolvedType instanceof protobuf.Enum ? 'int32' : type) as 'int32';
}

function isPacked(field: Field): boolean {
  return field.repeated && typeOf(field) === undefined && packed[scalarOf(field)] !== undefined;
}

function encode(type: Type, message: Message, writer: Writer): Writer {
  for (const field of [...type.fieldsArray].sort((a, b) => a.id - b.id)) {
    const value = Object.hasOwn(message, field.name) ? message[field.name] : undefined;
    if (value === undefined || value === null) continue;
    if (!field.repeated) encodeOne(field, value, writer);
    else if (field.packed && isPacked(field)) encodePacked(field, value as number[], writer);
    else (value as unknown[]).forEach((each) => encodeOne(field, each, writer));
  }
  return writer;
}

function encodeOne(field: Field, value: unknown, writer: Writer): void {
  const type = typeOf(field);
  if (type) {
    type.encode(value as Message, writer.uint32((field.id << 3) | 2).fork()).ldelim();
  } else {
    const scalar = scalarOf(field);
    writer.uint32((field.id << 3) | (basic[scalar] ?? 0))[scalar](value as number);
  }
}

function encodePacked(field: Field, values: readonly number[], writer: Writer): void {
  if (values.length === 0) return;
  writer.uint32((field.id << 3) | 2).fork();
  values.forEach((value) => writer[scalarOf(field)](value));
  writer.ldelim();
}

function decode(type: Type, bytes: Reader | Uint8Array, length?: number): Message {
  const reader = bytes instanceof protobuf.Reader ? bytes : protobuf.Reader.create(bytes);
  const end = length === undefined ? reader.len : reader.pos + length;
  const message = type.create() as unknown as Message;
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (field) decodeField(field, tag & 7, reader, message);
    else reader.skipType(tag & 7);
  }
  return message;
}

function decodeField(field: Field, wireType: number, reader: Reader, message: Message): void {
  if (!field.repeated) {
    message[field.name] = decodeOne(field, reader);
    return;
  }
  const values = message[field.name] as unknown[];
  if (wireType !== 2 || !isPacked(field)) {
    values.push(decodeOne(field, reader));
    return;
  }
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) values.push(decodeOne(field, reader));
}

function decodeOne(field: Field, reader: Reader): unknown {
  const type = typeOf(field);
  return type ? type.decode(reader, reader.uint32()) : reader[scalarOf(field)]();
}

function fromObject(type: Type, object: Message): Message {
  const message = type.create() as unknown as Message;
  for (const field of type.fieldsArray) {
    const value = object[field.name];
    if (value === undefined || value === null) continue;
    message[field.name] = field.repeated
      ? (value as unknown[]).map((each) => valueFrom(field, each))
      : valueFrom(field, value);
  }
  return message;
}

function valueFrom(field: Field, value: unknown): unknown {
  const type = typeOf(field);
  if (type) return type.fromObject(value as Message);
  if (field.resolvedType instanceof protobuf.Enum && typeof value === 'string') return field.resolvedType.values[value];
  if (field.type !== 'bytes') return value;
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.from(value as Uint8Array);
}

function toObject(type: Type, message: Message, options: IConversionOptions): Message {
  const object: Message = {};
  for (const field of type.fieldsArray) {
    const value = Object.hasOwn(message, field.name) ? message[field.name] : undefined;
    if (field.repeated) {
      const values = (value as unknown[] | undefined) ?? [];
      if (values.length > 0 || options.arrays === true || options.defaults === true) {
        object[field.name] = values.map((each) => valueTo(field, each, options));
      }
    } else if (value !== undefined && value !== null) {
      object[field.name] = valueTo(field, value, options);
      if (field.partOf && options.oneofs === true) object[field.partOf.name] = field.name;
    } else if (options.defaults === true && !field.partOf) object[field.name] = defaultOf(field, options);
  }
  return object;
}

function valueTo(field: Field, value: unknown, options: IConversionOptions): unknown {
  const type = typeOf(field);
  if (type) return type.toObject(value as never, options);
  if (field.resolvedType instanceof protobuf.Enum && options.enums === String) {
    return field.resolvedType.valuesById[value as number] ?? value;
  }
  return isLong(field) && options.longs === String ? String(value) : value;
}

function defaultOf(field: Field, options: IConversionOptions): unknown {
  if (field.type === 'bytes') return Buffer.alloc(0);
  if (isLong(field)) return options.longs === String ? '0' : 0;
  return typeOf(field) ? null : valueTo(field, field.typeDefault, options);
}

function isLong({ type }: Field): boolean {
  return ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'].includes(type);
}
