/** Load: changes that come by themselves. */
import { count, html, Notice, postJson, useAction, useState } from '/kit.js';

const MOST = 1_000;

export function Load({ load }) {
  const [wanted, setWanted] = useState(load.eventsPerSecond);
  const { notice, run } = useAction();
  const change = (eventsPerSecond) => {
    setWanted(eventsPerSecond);
    return run(
      () => postJson('/api/load', { eventsPerSecond }),
      ({ eventsPerSecond: now }) => `${count(now)} a second.`,
    );
  };
  return html`
    <form class="controls" onSubmit=${(event) => event.preventDefault()}>
      <label class="grow">
        Events a second
        <input
          type="range"
          min="0"
          max=${MOST}
          step="10"
          value=${wanted}
          aria-valuetext=${`${wanted} events a second`}
          onInput=${({ target }) => setWanted(Number(target.value))}
          onChange=${({ target }) => change(Number(target.value))}
        />
        <output>${count(wanted)}</output>
      </label>
      <button type="button" disabled=${load.eventsPerSecond === 0} onClick=${() => change(0)}>Stop</button>
    </form>
    <p>
      ${load.eventsPerSecond === 0 ? 'No load.' : `${count(load.eventsPerSecond)} events a second are made.`}${' '}
      ${count(load.made)} were made so far.
    </p>
    <${Notice} notice=${notice} />
  `;
}
