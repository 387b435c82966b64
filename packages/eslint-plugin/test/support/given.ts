/** What the pipelines of the tests use, in front of each. */
export const GIVEN = `
declare const client: import('@rxforce/core').PubSubClient;
declare const store: import('@rxforce/core').ReplayStore;
declare const queue: import('@rxforce/dead-letters').DeadLetterQueue;
type Event = import('@rxforce/core').ChangeEvent;
interface Work { <T>(value: T): Promise<T> }
declare const save: Work;
declare const saveNow: (value: unknown) => void;
declare const log: (value: unknown) => void;
declare const changes$: import('@rxforce/core').EventStream<Event>;
const kept$ = client.changes('Account', { replay: { store, name: 'crm-sync' } });
`;

/** A file: imports, what is given, and a pipeline. */
export function file(imports: string, body: string): string {
  return `${imports}\n${GIVEN}${body}\n`;
}

/** A file that imports names of RxJS, and names of rxforce's operators. */
export function pipeline(rxjs: string, operators: string, body: string): string {
  const imports = [
    rxjs && `import { ${rxjs} } from 'rxjs';`,
    operators && `import { ${operators} } from '@rxforce/operators';`,
  ];
  return file(imports.filter(Boolean).join('\n'), body);
}
