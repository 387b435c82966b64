/** The live page: one reading of the server every half second, in tabs. */
import { clock, duration, html, render, Tabs, useEffect, useFeed, useJson, useRef, useState } from '/kit.js';
import { DeadLetters } from '/dead-letters.js';
import { DrainButton, Draining, isEnding } from '/drain.js';
import { Events } from '/events.js';
import { Happened, useHappened } from '/happened.js';
import { Positions } from '/positions.js';
import { ScaleOut } from '/scale-out.js';
import { Snapshots } from '/snapshots.js';
import { Subscriptions } from '/subscriptions.js';

function App() {
  const [reading, setReading] = useState();
  const [entries, addEntries] = useHappened();
  const goneSince = useFeed('/events', (next) => {
    addEntries(next);
    setReading(next);
  });
  const { value: settings = {} } = useJson('/api/settings', [reading?.startedAt]);
  return html`
    <${Header} reading=${reading} settings=${settings} isGone=${goneSince !== undefined} />
    <${Gone} since=${goneSince} reading=${reading} />
    <${Draining} reading=${reading} isGone=${goneSince !== undefined} />
    <div class=${goneSince === undefined ? undefined : 'stale'}>
      ${
        reading === undefined
          ? html`<p class="empty">It waits for the first reading of the process…</p>`
          : html`<${Tabs} tabs=${tabsOf(reading, entries, settings)} />`
      }
    </div>
    <${Announcements} subscriptions=${reading?.subscriptions ?? []} />
  `;
}

function tabsOf(reading, entries, settings) {
  const letters = reading.queues.reduce((sum, { depth }) => sum + (depth ?? 0), 0);
  const tabs = [
    { name: 'Subscriptions', panel: () => html`<${Subscriptions} reading=${reading} />` },
    { name: 'Events', panel: () => html`<${Events} reading=${reading} settings=${settings} />` },
    {
      name: 'Dead letters',
      badge: letters,
      badgeKind: 'bad',
      panel: () => html`<${DeadLetters} reading=${reading} settings=${settings} />`,
    },
    { name: 'Positions', panel: () => html`<${Positions} reading=${reading} settings=${settings} />` },
    { name: 'Snapshot', panel: () => html`<${Snapshots} reading=${reading} />` },
    { name: 'What happened', panel: () => html`<${Happened} entries=${entries} />` },
  ];
  if (reading.assignments.length === 0) return tabs;
  const scaleOut = { name: 'Scale-out', panel: () => html`<${ScaleOut} reading=${reading} />` };
  return [...tabs.slice(0, 4), scaleOut, ...tabs.slice(4)];
}

function Header({ reading, settings, isGone }) {
  return html`
    <header>
      <h1>rxforce</h1>
      <ul class="clients">
        ${(reading?.clients ?? []).map(
          ({ org, isLog, state, login, apiUsage }) => html`
            <li key=${org}>
              ${org === null ? '' : html`<b>${org}</b> `}${state}${
                login === null
                  ? isLog
                    ? ', of an event log'
                    : ', not logged in yet'
                  : login.ok
                    ? `, logged in ${duration(reading.at - login.at)} ago`
                    : html`, <span class="bad">login failed: ${login.reason}</span>`
              }${apiUsage ? `, ${apiUsage.used} of ${apiUsage.limit} REST calls` : ''}
            </li>
          `,
        )}
      </ul>
      ${isGone ? '' : html`<${DrainButton} reading=${reading} settings=${settings} />`}
    </header>
  `;
}

function Gone({ since, reading }) {
  const text =
    reading === undefined
      ? 'The process does not answer since'
      : isEnding(reading)
        ? 'The process was drained, and has not answered since'
        : 'The process has not answered since';
  return html`
    <div role="alert" class=${since === undefined ? undefined : 'banner'}>
      ${since === undefined ? '' : `${text} ${clock(since)}. These are its last figures. The page tries again.`}
    </div>
  `;
}

/** Says aloud when a subscription comes into another state. */
function Announcements({ subscriptions }) {
  const before = useRef(new Map());
  const [text, setText] = useState('');
  useEffect(() => {
    const changed = subscriptions.filter(({ key, state }) => (before.current.get(key) ?? state) !== state);
    before.current = new Map(subscriptions.map(({ key, state }) => [key, state]));
    if (changed.length > 0) setText(changed.map(({ topic, state }) => `${topic} is ${state}.`).join(' '));
  }, [subscriptions]);
  return html`<div class="for-readers" aria-live="polite">${text}</div>`;
}

document.body.replaceChildren();
render(html`<${App} />`, document.body);
