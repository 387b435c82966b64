/** Events: those of a topic as they pass, on request. */
import { eventFilter, fixtureOf } from '/event-filter.js';
import { bytes, clock, count, duration, html, Table, useFeed, useMemo, useRef, useState } from '/kit.js';

/** Most events that are shown. */
const MOST = 200;

export function Events({ reading, settings }) {
  const topics = [...new Set(reading.subscriptions.map(({ topic }) => topic))].sort();
  const [topic, setTopic] = useState('');
  const [isOn, setOn] = useState(false);
  const [isLooking, setLooking] = useState(false);
  const [text, setText] = useState('');
  const [seen, setSeen] = useState({ events: [], leftOut: 0 });
  const [copied, setCopied] = useState();
  const query = topic === '' ? '' : `?topic=${encodeURIComponent(topic)}`;
  useFeed(isOn ? `/api/watch${query}` : undefined, ({ events, leftOut }) => {
    setLooking(true);
    if (events.length + leftOut === 0) return;
    setSeen((before) => ({
      events: [...events.reverse(), ...before.events].slice(0, MOST),
      leftOut: before.leftOut + leftOut,
    }));
  });
  const toggle = () => {
    setLooking(false);
    setOn(!isOn);
  };
  const shown = useMemo(() => seen.events.filter(eventFilter(text)), [seen, text]);
  return html`
    <form class="controls" onSubmit=${(event) => event.preventDefault()}>
      <label>
        Topic${' '}
        <select value=${topic} onChange=${({ target }) => setTopic(target.value)}>
          <option value="">all</option>
          ${topics.map((each) => html`<option value=${each}>${each}</option>`)}
        </select>
      </label>
      <button type="button" aria-pressed=${isOn ? 'true' : 'false'} onClick=${toggle}>
        ${isOn ? 'Stop' : 'Show events'}
      </button>
      <label class="grow">
        Filter${' '}
        <input
          type="search"
          placeholder=${settings.values ? "type = UPDATE AND Name contains 'Ltd'" : 'type = UPDATE AND changed = Name'}
          value=${text}
          onInput=${({ target }) => setText(target.value)}
        />
      </label>
      <button type="button" onClick=${() => setSeen({ events: [], leftOut: 0 })}>Clear</button>
    </form>
    ${seen.leftOut > 0 ? html`<p class="hint">${count(seen.leftOut)} came too fast to be shown.</p>` : ''}
    ${
      shown.length === 0
        ? html`<${Nothing} isOn=${isOn} isLooking=${isLooking} isFiltered=${seen.events.length > 0} />`
        : html`<${Table}
            caption="The last events, newest first"
            columns=${columnsOf(settings, (event) => copy(event, setCopied))}
            rows=${shown}
            keyOf=${({ id, seenAt }) => `${id} ${seenAt}`}
          />`
    }
    <${Copied} text=${copied} close=${() => setCopied(undefined)} />
  `;
}

function Nothing({ isOn, isLooking, isFiltered }) {
  if (isFiltered) return html`<p class="empty">None of the events fits the filter.</p>`;
  if (isOn && !isLooking) return html`<p class="empty">It begins to look…</p>`;
  return html`<p class="empty">
    ${
      isOn
        ? 'No event has come since you look. A pipeline shows its events where it has page.watching() in it.'
        : 'Events are looked at only while you ask for it. Nothing is held up by it.'
    }
  </p>`;
}

function columnsOf({ values }, onCopy) {
  const columns = [
    { head: 'Seen', cell: ({ seenAt }) => clock(seenAt) },
    { head: 'Type', cell: ({ type }) => html`<b>${type}</b>` },
    { head: 'Object', cell: ({ entity, topic }) => entity ?? topic },
    { head: 'Record', cell: ({ recordIds }) => html`<code>${recordIds.join(' ')}</code>` },
    { head: 'Changed', kind: 'wide', cell: ({ changedFields }) => changedFields.join(', ') },
    { head: 'After', kind: 'number', cell: ({ committedAt, seenAt }) => ageOf(committedAt, seenAt) },
    { head: 'Size', kind: 'number', cell: ({ bytes: length }) => (length === null ? '–' : bytes(length)) },
    { head: 'Replay id', cell: ({ replayId }) => html`<code>${replayId}</code>` },
  ];
  const shown = {
    head: 'Values',
    kind: 'wide',
    cell: ({ values: record }) =>
      html`<details>
        <summary>Show</summary>
        <pre>${JSON.stringify(record, null, 2)}</pre>
      </details>`,
  };
  const button = {
    head: 'Test',
    cell: (event) => html`<button class="small" onClick=${() => onCopy(event)}>Copy as fixture</button>`,
  };
  return [...columns, ...(values ? [shown] : []), button];
}

function ageOf(committedAt, seenAt) {
  return committedAt === null ? '–' : duration(Math.max(0, seenAt - committedAt));
}

async function copy(event, show) {
  const text = fixtureOf(event);
  const isCopied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  show(isCopied === true ? `Copied:\n${text}` : text);
}

function Copied({ text, close }) {
  const dialog = useRef();
  if (dialog.current && text !== undefined && !dialog.current.open) dialog.current.showModal();
  const closed = () => {
    dialog.current.close();
    close();
  };
  return html`
    <dialog ref=${dialog} aria-label="The event as a fixture" onCancel=${close}>
      <pre>${text}</pre>
      <p class="buttons"><button autofocus onClick=${closed}>Close</button></p>
    </dialog>
  `;
}
