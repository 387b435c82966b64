import {
  assetRoutes,
  kitRoutes,
  problem,
  servePage,
  type PageAnswer,
  type PageRoute,
  type PageServer,
} from '@rxforce/live-page/page';
import { causeFault } from '../control/fault-routes.js';
import { FAULT_COMMANDS } from '../faults/fault-commands.js';
import { changeLoad } from './load-actions.js';
import { RecordActions } from './record-actions.js';
import type { UiContext } from './ui-context.js';

/** Time between two readings for an open page, in milliseconds. */
const EVERY_MS = 500;

const FILES = {
  '/': 'emulator.html',
  '/emulator.js': 'emulator.js',
  '/org.js': 'org.js',
  '/faults.js': 'faults.js',
  '/load.js': 'load.js',
  '/streams.js': 'streams.js',
} as const;

/**
 * Serves the emulator's page on this machine.
 *
 * @param port - Its port; 0 takes a free one.
 * @throws rejects with a `ConfigurationError` when the port cannot be had.
 */
export function serveUi(port: number, context: UiContext): Promise<PageServer> {
  return servePage({ port, routes: uiRoutes(context) });
}

function uiRoutes(context: UiContext): readonly PageRoute[] {
  const { org, faults, subscriptions, publishStreams, loads, now } = context;
  const records = new RecordActions(org);
  const get = (path: string, handle: PageRoute['handle']): PageRoute => ({ method: 'GET', path, handle });
  const post = (path: string, handle: PageRoute['handle']): PageRoute => ({ method: 'POST', path, handle });
  const read = () => ({ at: now(), load: loads.read(), streams: subscriptions(), publishStreams: publishStreams() });
  return [
    ...kitRoutes(),
    ...assetRoutes(new URL('../assets/', import.meta.resolve('@rxforce/emulator')), FILES),
    get('/events', () => ({ type: 'feed', everyMs: EVERY_MS, open: () => ({ next: read }) })),
    get('/api/org', () => ({ type: 'json', body: { objects: org.entities(), events: org.platformEvents() } })),
    get('/api/schemas/*', (_, [id = '']) => schema(context, id)),
    get('/api/records/*', (_, [entity = '']) => records.list(entity)),
    post('/api/records/*', (request, [entity = '']) => records.change(entity, request)),
    get('/api/faults', () => ({ type: 'json', body: faultList() })),
    post('/api/faults/*', ({ body }, [name = '']) => fault(faults, name, body)),
    post('/api/load', (request) => changeLoad(loads, request)),
  ];
}

/** Faults are caused by the same commands as by `POST /emulator/faults`. */
async function fault(faults: UiContext['faults'], name: string, options: string): Promise<PageAnswer> {
  const { status, body } = await causeFault(faults, name, options);
  if (status === 200) return { type: 'json', body };
  const [error] = body as readonly { readonly message: string }[];
  return problem(status, error?.message ?? '');
}

function schema({ schemas }: UiContext, id: string): PageAnswer {
  const found = schemas.get(id);
  return found ? { type: 'json', body: JSON.parse(found.json) as unknown } : problem(404, 'There is no such schema.');
}

/** Each fault with the names of its options, as its summary tells them. */
function faultList() {
  return Object.entries(FAULT_COMMANDS).map(([name, { summary }]) => {
    const [, taken = ''] = /Takes ([^.]*(?:\([^)]*\)[^.]*)*)\./.exec(summary) ?? [];
    const options = taken.replace(/\([^)]*\)/g, '').split(',');
    return { name, summary, options: options.map((each) => each.trim()).filter((each) => each !== '') };
  });
}
