/** The emulator's page: an org to look at, to change and to break. */
import { clock, html, render, Tabs, useFeed, useState } from '/kit.js';
import { Faults } from '/faults.js';
import { Load } from '/load.js';
import { Org } from '/org.js';
import { Streams } from '/streams.js';

function App() {
  const [reading, setReading] = useState();
  const goneSince = useFeed('/events', setReading);
  const tabs = [
    { name: 'Org', panel: () => html`<${Org} />` },
    { name: 'Faults', panel: () => html`<${Faults} />` },
    { name: 'Load', panel: () => html`<${Load} load=${reading.load} />` },
    {
      name: 'Streams',
      badge: reading?.streams.length,
      panel: () => html`<${Streams} streams=${reading.streams} publishStreams=${reading.publishStreams} />`,
    },
  ];
  return html`
    <header>
      <h1>rxforce emulator</h1>
    </header>
    <div role="alert" class=${goneSince === undefined ? undefined : 'banner'}>
      ${goneSince === undefined ? '' : `The emulator has not answered since ${clock(goneSince)}. The page tries again.`}
    </div>
    <div class=${goneSince === undefined ? undefined : 'stale'}>
      ${
        reading === undefined
          ? html`<p class="empty">It waits for the first reading of the emulator…</p>`
          : html`<${Tabs} tabs=${tabs} />`
      }
    </div>
  `;
}

document.body.replaceChildren();
render(html`<${App} />`, document.body);
