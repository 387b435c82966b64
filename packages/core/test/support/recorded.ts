import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where recorded schemas and events lie beside the project, for those who have them. */
const FOLDER = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

/** Whether there is recorded data here. */
export const hasRecordedData = existsSync(FOLDER);

/** The recorded schemas whose ids are known. */
export const RECORDED_SCHEMAS = [
  ['AccountChangeEvent.2023-07', '4egfTTaxua4Y39nYlBXfNg'],
  ['AccountChangeEvent.2026-01', 'i8wgJwwM-AVcDbFkbRl5Nw'],
  ['ContactChangeEvent.2026-01', 'YHKH1xWTqwF24lvYNGguGA'],
  ['Some_Custom_Object__ChangeEvent.2026-01', 'Q8gDmo90TsU92qnJqea7RA'],
  ['CM_Test_Event_Two__e', 'K98aAtiNFBjA-PJlcvaQ2g'],
] as const;

export function recordedSchema(name: string): string {
  return readFileSync(`${FOLDER}schemas/${name}.avsc`, 'utf8');
}

/** An event as it was received, and its values as another Avro library decoded them. */
export interface RecordedEvent {
  readonly wire: { readonly event: { id: string; schemaId: string; payload: string }; readonly replayId: string };
  readonly decoded: { readonly ChangeEventHeader: Record<string, unknown>; readonly [field: string]: unknown };
  /** Names behind the bitmaps, where the recording has them. */
  readonly changedFields: readonly string[];
}

/** The six events recorded, creates and updates. */
export function recordedEvents(): readonly RecordedEvent[] {
  return ['create', 'update'].flatMap((kind) => {
    const read = (ending: string): unknown =>
      JSON.parse(readFileSync(`${FOLDER}events/account-${kind}.2023-07${ending}`, 'utf8'));
    const wire = read('.json') as RecordedEvent['wire'][];
    const decoded = read('.decoded.json') as { decoded: RecordedEvent['decoded']; changedFieldsDecoded?: string[] }[];
    return wire.map((event, index) => ({
      wire: event,
      decoded: decoded[index]!.decoded,
      changedFields: decoded[index]!.changedFieldsDecoded ?? [],
    }));
  });
}
