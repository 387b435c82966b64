/** What happened: the log of the process, with a filter. */
import { clock, html, Table, useState } from '/kit.js';

const RANK = { info: 0, warn: 1, error: 2 };
const COLUMNS = [
  { head: 'When', cell: ({ at }) => clock(at) },
  { head: 'Level', cell: ({ level }) => html`<span class="level ${level}">${level}</span>` },
  {
    head: 'Topic',
    cell: ({ topic, name, org }) =>
      html`${topic ?? '–'}<small>${[org, name].filter((each) => each !== null).join(', ')}</small>`,
  },
  { head: 'What', kind: 'wide', cell: ({ text, times }) => html`${text}${times > 1 ? html` <b>× ${times}</b>` : ''}` },
];

/** The log, put together from readings that have only what is new. */
export function useHappened() {
  const [log, setLog] = useState({ startedAt: undefined, entries: new Map() });
  const add = ({ startedAt, happened }) => {
    if (happened.length === 0 && startedAt === log.startedAt) return;
    setLog((before) => {
      // Another process has begun, whose entries are counted anew.
      const entries = new Map(before.startedAt === startedAt ? before.entries : []);
      for (const entry of happened) {
        entries.delete(entry.id);
        entries.set(entry.id, entry);
      }
      return { startedAt, entries };
    });
  };
  return [[...log.entries.values()].slice(-500).reverse(), add];
}

export function Happened({ entries }) {
  const [level, setLevel] = useState('info');
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = entries.filter(
    (entry) =>
      RANK[entry.level] >= RANK[level] &&
      [entry.text, entry.topic, entry.name, entry.org, entry.type].join(' ').toLowerCase().includes(wanted),
  );
  return html`
    <form class="controls" onSubmit=${(event) => event.preventDefault()}>
      <label>
        Level${' '}
        <select value=${level} onChange=${({ target }) => setLevel(target.value)}>
          <option value="info">all</option>
          <option value="warn">warnings and errors</option>
          <option value="error">errors</option>
        </select>
      </label>
      <label class="grow">
        Text <input type="search" value=${text} onInput=${({ target }) => setText(target.value)} />
      </label>
      <a class="button" href="/api/happened.jsonl" download>Download</a>
    </form>
    ${
      shown.length === 0
        ? html`<p class="empty">Nothing that fits has happened.</p>`
        : html`<${Table}
            caption="What happened, newest first"
            columns=${COLUMNS}
            rows=${shown}
            keyOf=${({ id }) => id}
          />`
    }
  `;
}
