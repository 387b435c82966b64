/** Faults: what can go wrong on command, each with a button. */
import { html, Notice, postJson, useAction, useJson, useMemo, useState } from '/kit.js';

export function Faults() {
  const { value: faults = [], error } = useJson('/api/faults', []);
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const shown = useMemo(
    () => faults.filter(({ name, summary }) => `${name} ${summary}`.toLowerCase().includes(wanted)),
    [faults, wanted],
  );
  return html`
    <form class="controls" onSubmit=${(event) => event.preventDefault()}>
      <label class="grow">
        Find <input type="search" value=${text} onInput=${({ target }) => setText(target.value)} />
      </label>
    </form>
    ${error === undefined ? '' : html`<p class="bad">${error}</p>`}
    <div class="cards">${shown.map((fault) => html`<${Fault} key=${fault.name} ...${fault} />`)}</div>
  `;
}

function Fault({ name, summary, options }) {
  const [given, setGiven] = useState({});
  const { notice, isBusy, run } = useAction();
  const cause = (event) => {
    event.preventDefault();
    const body = Object.fromEntries(
      Object.entries(given)
        .filter(([, text]) => text.trim() !== '')
        .map(([option, text]) => [option, valueOf(text)]),
    );
    return run(
      () => postJson(`/api/faults/${name}`, body),
      ({ result }) => (result === null ? 'Done.' : `Done: ${JSON.stringify(result)}`),
    );
  };
  return html`
    <section class="card" aria-label=${name}>
      <h3>${name}</h3>
      <p>${summary}</p>
      <form onSubmit=${cause}>
        ${options.map(
          (option) => html`
            <label key=${option}>
              ${option}
              <input
                value=${given[option] ?? ''}
                onInput=${({ target }) => setGiven({ ...given, [option]: target.value })}
              />
            </label>
          `,
        )}
        <button disabled=${isBusy}>${name}</button>
      </form>
      <${Notice} notice=${notice} />
    </section>
  `;
}

/** Numbers, lists and words such as `true` as what they are; all else as a text. */
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}
