/** The part of grpc-js that puts messages together from what the network brings. */
interface MessageDecoder {
  /** How many bytes of the message begun are missing. */
  readMessageRemaining: number;
  /** The parts of the last message, as views of what the network brought. */
  readPartialMessage: readonly Buffer[];
  /** Its first byte, as a view, too. */
  readCompressFlag: Buffer;
}

/** One of the calls that grpc-js wraps into each other. */
interface InnerCall {
  readonly decoder?: Partial<MessageDecoder>;
  readonly underlyingCalls?: readonly { readonly call?: InnerCall }[];
  readonly child?: InnerCall | null;
  readonly call?: InnerCall;
}

/** The first byte of nearly all messages. */
const NOT_COMPRESSED = Buffer.alloc(1);
/** More than there are. */
const MOST_INNER_CALLS = 10;

/**
 * Lets go of what the network brought of a call's messages, as grpc-js (1.14) keeps that of the last one until the next
 * begins. On a quiet topic that takes minutes, and a message may have 100 events. What is found otherwise than expected
 * stays as it is: it is only memory.
 *
 * @param call - A call of grpc-js. Its fields are private there, and there is no other way to them.
 */
export function dropReadParts(call: unknown): void {
  const decoder = decoderOf(call as InnerCall | undefined);
  // While bytes are missing, the parts are needed. Afterwards the message is whole, and has bytes of its own.
  if (decoder?.readMessageRemaining !== 0 || !Array.isArray(decoder.readPartialMessage)) return;
  if (decoder.readPartialMessage.length > 0) decoder.readPartialMessage = [];
  // The next message may have begun, so the byte itself must stay.
  const { readCompressFlag: flag } = decoder;
  if (Buffer.isBuffer(flag)) decoder.readCompressFlag = flag[0] === 0 ? NOT_COMPRESSED : Buffer.alloc(1, flag);
}

function decoderOf(call: InnerCall | null | undefined): Partial<MessageDecoder> | undefined {
  let inner = call;
  for (let depth = 0; inner && depth < MOST_INNER_CALLS; depth++) {
    if (inner.decoder) return inner.decoder;
    inner = inner.underlyingCalls?.at(-1)?.call ?? inner.child ?? inner.call;
  }
  return undefined;
}
