/** Streams: what each live call has asked for and was given. */
import { Bar, count, html, Table } from '/kit.js';

/** Most events that may be outstanding on a stream. */
const MOST_OUTSTANDING = 100;

const STREAMS = [
  {
    head: 'Topic',
    isHead: true,
    cell: ({ topic, managed }) => html`${topic || '–'}${managed ? html`<small>${managed}</small>` : ''}`,
  },
  { head: 'Demand', cell: ({ pending }) => html`<${Demand} pending=${pending} />` },
  { head: 'Most demand', kind: 'number', cell: ({ maxPending }) => count(maxPending) },
  { head: 'Requested', kind: 'number', cell: ({ requested }) => count(requested) },
  { head: 'Delivered', kind: 'number', cell: ({ delivered }) => count(delivered) },
  { head: 'Keepalives', kind: 'number', cell: ({ keepalives }) => count(keepalives) },
];

const PUBLISHING = [
  { head: 'Topic', isHead: true, cell: ({ topic }) => topic || '–' },
  { head: 'Requests', kind: 'number', cell: ({ requests }) => count(requests) },
  { head: 'Events', kind: 'number', cell: ({ events }) => count(events) },
];

export function Streams({ streams, publishStreams }) {
  return html`
    ${
      streams.length === 0
        ? html`<p class="empty">Nobody subscribes at the moment.</p>`
        : html`<${Table}
            caption="Streams that subscribe"
            columns=${STREAMS}
            rows=${numbered(streams)}
            keyOf=${({ number }) => number}
          />`
    }
    ${
      publishStreams.length === 0
        ? ''
        : html`<${Table}
            caption="Streams that publish"
            columns=${PUBLISHING}
            rows=${numbered(publishStreams)}
            keyOf=${({ number }) => number}
          />`
    }
  `;
}

function Demand({ pending }) {
  const parts = [{ kind: 'outstanding', value: pending }];
  return html`
    <${Bar} parts=${parts} size=${MOST_OUTSTANDING} label="${pending} events are asked for" />
    <small>${count(pending)}</small>
  `;
}

function numbered(rows) {
  return rows.map((row, number) => ({ ...row, number }));
}
