/** Positions: how far topics were read, and the way back. */
import { clock, html, Notice, postJson, Table, useAction, useConfirm, useJson, useState } from '/kit.js';

export function Positions({ reading, settings }) {
  const [asked, setAsked] = useState(0);
  // A position moves with each commit, and who uses it may change at any time.
  const { value: positions = [], error } = useJson('/api/positions', [asked, Math.floor(reading.at / 2_000)]);
  const [dialog, confirm] = useConfirm();
  const { notice, isBusy, run } = useAction();
  const goBack = async (position, to) => {
    const { topic, name } = position;
    const question = `Set the position "${name}" of ${topic} to ${to}? It reads from there at its next start.`;
    if (!(await confirm(question, 'Set'))) return;
    await run(
      () => postJson('/api/positions', { ...position, to }),
      `The position "${name}" of ${topic} is set to ${to}.`,
    );
    setAsked(asked + 1);
  };
  const canAct = settings.actions === true && settings.positions === true && !isBusy;
  const why =
    settings.actions === true
      ? settings.positions === true
        ? ''
        : 'The page was not told where positions are stored, so it only shows what it saw being saved.'
      : 'This page only shows. Set “actions” to let it change something.';
  return html`
    ${why === '' ? '' : html`<p class="hint">${why}</p>`}
    <${Notice} notice=${error === undefined ? notice : { text: error, isError: true }} />
    ${
      positions.length === 0
        ? html`<p class="empty">No subscription has a position.</p>`
        : html`<${Table}
            caption="Positions"
            columns=${columnsOf(canAct, goBack)}
            rows=${positions}
            keyOf=${({ org, topic, name }) => JSON.stringify([org, topic, name])}
          />`
    }
    ${dialog}
  `;
}

function columnsOf(canAct, goBack) {
  return [
    {
      head: 'Topic',
      isHead: true,
      cell: ({ topic, org }) => html`${topic}${org === null ? '' : html`<small>${org}</small>`}`,
    },
    { head: 'Name', cell: ({ name }) => name },
    { head: 'Position', kind: 'wide', cell: ({ position, problem }) => html`<${Place} ...${{ position, problem }} />` },
    { head: 'Saved', kind: 'number', cell: ({ savedAt }) => (savedAt === null ? '–' : clock(savedAt)) },
    { head: 'Used by', cell: ({ usedBy }) => usedBy ?? 'nobody here' },
    { head: 'Go back to', cell: (row) => html`<${GoBack} position=${row} canAct=${canAct} goBack=${goBack} />` },
  ];
}

function Place({ position, problem }) {
  if (problem !== null) return html`<span class="bad">${problem}</span>`;
  if (position === null) return '–';
  const isTime = /^\d{4}-/.test(position);
  return html`<code>${position}</code
    ><small>${isTime ? 'events of this time and later' : 'after this replay id'}</small>`;
}

function GoBack({ position, canAct, goBack }) {
  const [to, setTo] = useState('earliest');
  const { org, topic, name, usedBy } = position;
  const isFree = canAct && usedBy === null;
  return html`
    <form
      class="go-back"
      onSubmit=${(event) => {
        event.preventDefault();
        void goBack({ org, topic, name }, to);
      }}
    >
      <input
        aria-label="Where to: earliest, a time or a replay id"
        value=${to}
        disabled=${!isFree}
        onInput=${({ target }) => setTo(target.value)}
      />
      <button
        class="small"
        disabled=${!isFree || to.trim() === ''}
        title=${usedBy === null ? undefined : 'It is in use'}
      >
        Set
      </button>
    </form>
  `;
}
