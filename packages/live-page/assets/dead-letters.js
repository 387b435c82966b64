/** Dead letters: what failed for good, to be looked at, redriven and discarded. */
import {
  clock,
  count,
  html,
  Notice,
  postJson,
  Table,
  useAction,
  useConfirm,
  useEffect,
  useJson,
  useRef,
  useState,
} from '/kit.js';

/** Work that is shown: what is under way, and what became of the last ones. */
const MOST_JOBS = 3;
const ONLY_SHOWS = 'This page only shows. Set “actions” to let it change something.';

export function DeadLetters({ reading, settings }) {
  const { queues, jobs } = reading;
  const [chosen, choose] = useState();
  if (queues.length === 0) return html`<p class="empty">The page was given no dead-letter queues.</p>`;
  const queue = queues.find(({ name }) => name === chosen) ?? queues.find(hasLetters) ?? queues[0];
  return html`
    <ul class="queues" aria-label="Queues">
      ${[...queues.filter(hasLetters), ...queues.filter((each) => !hasLetters(each))].map(
        ({ name, depth }) => html`
          <li key=${name}>
            <button aria-pressed=${name === queue.name ? 'true' : 'false'} onClick=${() => choose(name)}>
              ${name} <span class=${depth > 0 ? 'badge bad' : 'badge'}>${depth === null ? '…' : count(depth)}</span>
            </button>
          </li>
        `,
      )}
    </ul>
    <${Jobs} key="jobs ${queue.name}" jobs=${jobs.filter((job) => job.queue === queue.name)} />
    <${Queue} key=${queue.name} queue=${queue} settings=${settings} />
  `;
}

function hasLetters({ depth }) {
  return depth > 0;
}

function Queue({ queue, settings }) {
  const { name, depth, canRedrive } = queue;
  const [match, setMatch] = useState('');
  const [asked, setAsked] = useState(0);
  const path = `/api/dead-letters/${encodeURIComponent(name)}`;
  const { value, error } = useJson(`${path}?match=${encodeURIComponent(match)}`, [depth, asked]);
  const [dialog, confirm] = useConfirm();
  const { notice, isBusy, run } = useAction();
  const letters = value?.letters ?? [];
  const act = async (kind, choice, what) => {
    const verb = kind === 'redrive' ? 'Redrive' : 'Discard';
    const gone = kind === 'discard' ? ' They are gone then.' : '';
    if (!(await confirm(`${verb} ${what} of ${name}?${gone}`, verb))) return;
    await run(() => postJson(`${path}/${kind}`, choice), `It has begun: ${verb.toLowerCase()} ${what}.`);
    setAsked(asked + 1);
  };
  const all = match === '' ? { all: true } : { match };
  const what = match === '' ? 'all letters' : `all letters that match "${match}"`;
  const canAct = settings.actions === true && !isBusy;
  return html`
    <form class="controls" onSubmit=${(event) => event.preventDefault()}>
      <label class="grow">
        Letters with${' '}
        <input
          type="search"
          placeholder="error, object or record id"
          value=${match}
          onInput=${({ target }) => setMatch(target.value)}
        />
      </label>
      <button
        type="button"
        disabled=${!canAct || !canRedrive || letters.length === 0}
        onClick=${() => act('redrive', all, what)}
      >
        Redrive all${match === '' ? '' : ' that match'}
      </button>
      <button
        type="button"
        class="danger"
        disabled=${!canAct || letters.length === 0}
        onClick=${() => act('discard', all, what)}
      >
        Discard all${match === '' ? '' : ' that match'}
      </button>
    </form>
    ${settings.actions === true ? '' : html`<p class="hint">${ONLY_SHOWS}</p>`}
    <${Notice} notice=${error === undefined ? notice : { text: error, isError: true }} />
    ${
      letters.length === 0
        ? html`<p class="empty">${value === undefined ? 'It reads the letters…' : 'There are no letters.'}</p>`
        : html`<${Table}
            caption="Letters of ${name}, oldest first"
            columns=${columnsOf(settings, { canAct, canRedrive, act })}
            rows=${letters}
            keyOf=${({ id }) => id}
          />`
    }
    ${value?.hasMore ? html`<p class="hint">There are more: these are the oldest ${letters.length}.</p>` : ''}
    ${value?.unreadable > 0 ? html`<p class="hint bad">${value.unreadable} letters cannot be read.</p>` : ''} ${dialog}
  `;
}

function columnsOf({ values }, { canAct, canRedrive, act }) {
  const columns = [
    { head: 'Event', isHead: true, cell: ({ type, entity, topic }) => html`<b>${type}</b> ${entity ?? topic ?? ''}` },
    { head: 'Record', cell: ({ recordIds }) => html`<code>${recordIds.join(' ')}</code>` },
    {
      head: 'Error',
      kind: 'wide',
      cell: ({ error }) => html`<span class="reason">${error.message}</span><small>${error.code ?? error.name}</small>`,
    },
    { head: 'Attempts', kind: 'number', cell: ({ attempts }) => count(attempts) },
    { head: 'First failed', kind: 'number', cell: ({ firstFailedAt }) => clock(firstFailedAt) },
    { head: 'Last failed', kind: 'number', cell: ({ lastFailedAt }) => clock(lastFailedAt) },
  ];
  const value = {
    head: 'Value',
    kind: 'wide',
    cell: ({ value: event }) =>
      html`<details>
        <summary>Show</summary>
        <pre>${JSON.stringify(event, null, 2)}</pre>
      </details>`,
  };
  const buttons = {
    head: 'Do',
    cell: ({ id }) => html`
      <button
        class="small"
        disabled=${!canAct || !canRedrive}
        onClick=${() => act('redrive', { ids: [id] }, 'this letter')}
      >
        Redrive
      </button>
      ${' '}
      <button class="small danger" disabled=${!canAct} onClick=${() => act('discard', { ids: [id] }, 'this letter')}>
        Discard
      </button>
    `,
  };
  return [...columns, ...(values ? [value] : []), buttons];
}

/**
 * Work on letters, the newest first: it stands above the letters, of which there may be many. The log has all of it.
 * Each step of one would be too much to hear: readers are told the beginning and the end.
 */
function Jobs({ jobs }) {
  return html`
    <ul class="jobs" aria-label="Work on these letters">
      ${[...jobs]
        .reverse()
        .slice(0, MOST_JOBS)
        .map((job) => html`<li key=${job.id}><${Job} job=${job} /></li>`)}
    </ul>
    <${Ends} jobs=${jobs} />
  `;
}

function Job({ job }) {
  const { kind, queue, of, done, failed, state } = job;
  const isRunning = state === 'running';
  return html`
    <span class=${state === 'failed' || failed > 0 ? 'bad' : undefined}>${textOf(job)}</span>
    ${
      isRunning
        ? html`<progress
            aria-label="${kind} of ${queue}"
            max=${Math.max(1, of ?? 1)}
            value=${of === null ? undefined : Math.min(of, done + failed)}
          ></progress>`
        : ''
    }
  `;
}

/** Says aloud when work has begun or ended. */
function Ends({ jobs }) {
  const before = useRef(new Map(jobs.map(({ id, state }) => [id, state])));
  const [text, setText] = useState('');
  useEffect(() => {
    const changed = jobs.filter(({ id, state }) => before.current.get(id) !== state);
    before.current = new Map(jobs.map(({ id, state }) => [id, state]));
    if (changed.length > 0) setText(changed.map(textOf).join(' '));
  }, [jobs]);
  return html`<div class="for-readers" aria-live="polite">${text}</div>`;
}

function textOf({ kind, state, of, done, failed, reason, startedAt, endedAt }) {
  const all = of === null ? '' : ` of ${count(of)}`;
  const again = failed > 0 ? `, ${count(failed)} failed again` : '';
  const end = endedAt === null ? '' : ` at ${clock(endedAt)}`;
  const why = reason === null ? '' : ` (${reason})`;
  const how =
    of === null && state === 'running' ? 'the letters are counted' : `${count(done)}${all} done${again}, ${state}`;
  return `${clock(startedAt)} ${kind}: ${how}${end}${why}`;
}
