import { RxforceError } from '@rxforce/core/model';
import type { LetterChoice } from '@rxforce/dead-letters/internal';
import type { DeadLetters } from './parts/dead-letters.js';
import type { Drain } from './parts/drain.js';
import type { LogLags } from './parts/log-lags.js';
import type { PositionOf, Positions } from './parts/positions.js';
import type { WatchedEvents } from './parts/watched-events.js';
import { assetRoutes, kitRoutes, ownAssets } from './server/assets.js';
import { objectIn, problem, type PageAnswer, type PageRequest, type PageRoute } from './server/route.js';
import type { LiveReading } from './state/live-reading.js';
import type { LiveState } from './state/live-state.js';
import type { Happened } from './state/what-happened.js';

/** What the routes answer from. */
export interface LiveSources {
  readonly state: LiveState;
  readonly events: WatchedEvents;
  readonly deadLetters: DeadLetters;
  readonly positions: Positions;
  readonly drain: Drain;
  readonly lags: LogLags;
  /** Writes down what somebody did. */
  readonly audit: (happened: Pick<Happened, 'level' | 'text'> & Partial<Happened>) => void;
  readonly actions: boolean;
  readonly values: boolean;
}

/** Time between two readings for an open page, in milliseconds. */
const EVERY_MS = 500;

const FILES = {
  '/': 'live.html',
  '/live.js': 'live.js',
  '/subscriptions.js': 'subscriptions.js',
  '/events.js': 'events.js',
  '/event-filter.js': 'event-filter.js',
  '/dead-letters.js': 'dead-letters.js',
  '/positions.js': 'positions.js',
  '/snapshots.js': 'snapshots.js',
  '/scale-out.js': 'scale-out.js',
  '/happened.js': 'happened.js',
  '/drain.js': 'drain.js',
} as const;

/** All that the page consists of. */
export function liveRoutes(sources: LiveSources): readonly PageRoute[] {
  const { state, events, deadLetters, positions, drain, lags, actions, values } = sources;
  const read = (revision: number): LiveReading => ({
    ...{ ...state.read(revision), ...deadLetters.read(), drain: drain.read() },
  });
  const settings = { actions, values, positions: positions.areKept, drain: drain.isOffered };
  const get = (path: string, handle: PageRoute['handle']): PageRoute => ({ method: 'GET', path, handle });
  return [
    ...kitRoutes(),
    ...assetRoutes(ownAssets(), FILES),
    get('/api/settings', () => ({ type: 'json', body: settings })),
    get('/api/state', async () => {
      await deadLetters.counted();
      return { type: 'json', body: read(0) };
    }),
    get('/events', () => ({ type: 'feed', everyMs: EVERY_MS, open: () => readings(read) })),
    get('/api/watch', ({ query }) => ({
      ...{ type: 'feed', everyMs: EVERY_MS },
      open: () => events.feed(query.get('topic') ?? undefined),
    })),
    get('/api/happened.jsonl', () => downloaded(read(0).happened)),
    get('/api/lag', () => lags.read().then((body) => ({ type: 'json', body }), failed)),
    get('/api/positions', async () => ({ type: 'json', body: await positions.list() })),
    get('/api/dead-letters/*', ({ query }, [name = '']) => letters(sources, name, query)),
    post('/api/dead-letters/*/redrive', actions, (request, [name = '']) => begin(sources, 'redrive', name, request)),
    post('/api/dead-letters/*/discard', actions, (request, [name = '']) => begin(sources, 'discard', name, request)),
    post('/api/positions', actions, (request) => setPosition(sources, request)),
    post('/api/drain', actions, () => beginDrain(sources)),
  ];
}

/** Each reading has only what is new of the log. */
function readings(read: (revision: number) => LiveReading) {
  let revision = 0;
  return {
    next: () => {
      const reading = read(revision);
      revision = reading.revision;
      return reading;
    },
  };
}

function post(path: string, isAllowed: boolean, handle: PageRoute['handle']): PageRoute {
  const refused = () => problem(403, 'This page only shows. Set `actions` to let it change something.');
  return { method: 'POST', path, handle: isAllowed ? handle : refused };
}

function downloaded(entries: LiveReading['happened']): PageAnswer {
  const body = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const headers = { 'content-disposition': 'attachment; filename="what-happened.jsonl"' };
  return { type: 'text', contentType: 'application/jsonl; charset=utf-8', body, headers };
}

async function letters(
  { deadLetters, values }: LiveSources,
  name: string,
  query: URLSearchParams,
): Promise<PageAnswer> {
  if (!deadLetters.has(name)) return noQueue(name);
  const match = query.get('match') ?? '';
  try {
    return { type: 'json', body: await deadLetters.list(name, match === '' ? {} : { match }, values) };
  } catch (error) {
    return failed(error);
  }
}

function begin(
  { deadLetters, drain }: LiveSources,
  kind: 'redrive' | 'discard',
  name: string,
  request: PageRequest,
): PageAnswer {
  if (!deadLetters.has(name)) return noQueue(name);
  const choice = choiceIn(request);
  if (choice === undefined) return problem(400, 'Name letters: { "ids": [...] }, { "match": "…" } or { "all": true }.');
  if (kind === 'redrive' && !deadLetters.canRedrive(name)) {
    return problem(409, `Nobody has told the page how letters of ${name} are redriven.`);
  }
  if (deadLetters.isBusy(name)) return problem(409, `Somebody works on the letters of ${name}. Wait for the end.`);
  if (drain.read() !== null) return problem(409, 'The process is drained: it takes no new work.');
  return { type: 'json', status: 202, body: deadLetters.begin(kind, name, choice) };
}

/** A second one finds the first one under way. */
function beginDrain({ deadLetters, drain }: LiveSources): PageAnswer {
  if (!drain.isOffered) return problem(409, 'Nobody has told the page how the process is drained.');
  const [busy] = deadLetters.busy;
  if (busy !== undefined) return problem(409, `Somebody works on the letters of ${busy}. Wait for the end.`);
  return { type: 'json', status: 202, body: drain.begin() };
}

/** The letters that a request means. All of them only where it says so. */
function choiceIn(request: PageRequest): LetterChoice | undefined {
  const { ids, match, all } = objectIn(request) ?? {};
  if (Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string')) return { ids };
  if (typeof match === 'string' && match !== '') return { match };
  return all === true ? {} : undefined;
}

async function setPosition({ positions, audit }: LiveSources, request: PageRequest): Promise<PageAnswer> {
  const { org = null, topic, name, to } = objectIn(request) ?? {};
  const isRight =
    [topic, name, to].every((each) => typeof each === 'string') && (org === null || typeof org === 'string');
  if (!isRight) return problem(400, 'Say which position and where to: { "topic": …, "name": …, "to": … }.');
  const of = { org, topic, name } as PositionOf;
  try {
    await positions.set(of, to as string);
  } catch (error) {
    return failed(error);
  }
  audit({ ...of, level: 'info', text: `the position ${of.name} of ${of.topic} was set to ${to as string}` });
  return { type: 'json', body: {} };
}

function failed(error: unknown): PageAnswer {
  if (!RxforceError.is(error)) return problem(500, 'It failed, and nobody knows why.');
  return problem(error.code === 'configuration' || error.code === 'position-in-use' ? 409 : 502, error.message);
}

function noQueue(name: string): PageAnswer {
  return problem(404, `There is no queue "${name}".`);
}
