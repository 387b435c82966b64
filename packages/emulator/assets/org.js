/** Org: records to create, update, delete and undelete, and the schemas of their events. */
import { count, html, Notice, postJson, Table, useAction, useConfirm, useJson, useState } from '/kit.js';

export function Org() {
  const { value: org = { objects: [] } } = useJson('/api/org', []);
  const [name, choose] = useState();
  const object = org.objects.find((each) => each.name === name) ?? org.objects[0];
  if (object === undefined) return html`<p class="empty">It reads the objects of the org…</p>`;
  return html`
    <form class="controls" onSubmit=${(event) => event.preventDefault()}>
      <label>
        Object${' '}
        <select value=${object.name} onChange=${({ target }) => choose(target.value)}>
          ${org.objects.map((each) => html`<option value=${each.name}>${each.name}</option>`)}
        </select>
      </label>
      <code>${object.topic}</code>
    </form>
    <${Records} key=${object.name} object=${object} />
    <${Schema} key=${`schema of ${object.name}`} object=${object} />
  `;
}

function Records({ object }) {
  const { name, fields } = object;
  const [asked, setAsked] = useState(0);
  const [draft, setDraft] = useState({ id: '', text: '{ "Name": "Abel" }' });
  const [asGaps, setAsGaps] = useState(false);
  const [dialog, confirm] = useConfirm();
  const { notice, isBusy, run } = useAction();
  const path = `/api/records/${encodeURIComponent(name)}`;
  const { value, error } = useJson(path, [asked]);
  const { records = [], deleted = [], count: total = 0 } = value ?? {};
  const change = async (body, done) => {
    await run(() => postJson(path, { ...body, asGaps }), done);
    setAsked((before) => before + 1);
  };
  const save = (event) => {
    event.preventDefault();
    const values = valuesIn(draft.text);
    if (values === undefined) return run(() => Promise.reject(new Error('The values are no JSON object.')));
    if (draft.id === '') return change({ action: 'create', values }, ({ result }) => `Created ${result}.`);
    return change({ action: 'update', id: draft.id, values }, `Updated ${draft.id}.`);
  };
  const remove = async (id) => {
    if (await confirm(`Delete ${id}? It can be undeleted.`, 'Delete')) {
      await change({ action: 'delete', id }, `Deleted ${id}.`);
    }
  };
  return html`
    <form class="controls" onSubmit=${save}>
      <label class="grow">
        ${draft.id === '' ? 'New record' : `Update ${draft.id}`}${' '}
        <input
          value=${draft.text}
          title=${fields.join(', ')}
          onInput=${({ target }) => setDraft({ ...draft, text: target.value })}
        />
      </label>
      <label
        ><input type="checkbox" checked=${asGaps} onChange=${({ target }) => setAsGaps(target.checked)} /> as a gap
        event</label
      >
      <button disabled=${isBusy}>${draft.id === '' ? 'Create' : 'Update'}</button>
      ${
        draft.id === ''
          ? ''
          : html`<button type="button" onClick=${() => setDraft({ ...draft, id: '' })}>New record</button>`
      }
      <button type="button" onClick=${() => setAsked(asked + 1)}>Read again</button>
    </form>
    <${Notice} notice=${error === undefined ? notice : { text: error, isError: true }} />
    ${
      records.length === 0
        ? html`<p class="empty">There are no records.</p>`
        : html`<${Table}
            caption="The newest records of ${name}, of ${count(total)}"
            columns=${columnsOf({ edit: (record) => setDraft({ id: record.Id, text: textOf(record) }), remove })}
            rows=${records}
            keyOf=${({ Id }) => Id}
          />`
    }
    <${Deleted} ids=${deleted} undelete=${(id) => change({ action: 'undelete', id }, `Undeleted ${id}.`)} />
    ${dialog}
  `;
}

function columnsOf({ edit, remove }) {
  return [
    { head: 'Id', isHead: true, cell: ({ Id }) => html`<code>${Id}</code>` },
    { head: 'Name', cell: ({ Name }) => (typeof Name === 'object' ? JSON.stringify(Name) : (Name ?? '–')) },
    { head: 'Values', kind: 'wide', cell: (record) => html`<code>${short(textOf(record))}</code>` },
    {
      head: 'Do',
      cell: (record) => html`
        <button class="small" onClick=${() => edit(record)}>Edit</button>
        ${' '}
        <button class="small danger" onClick=${() => remove(record.Id)}>Delete</button>
      `,
    },
  ];
}

function Deleted({ ids, undelete }) {
  if (ids.length === 0) return '';
  return html`
    <h2>Deleted here</h2>
    <ul class="queues">
      ${ids.map(
        (id) =>
          html`<li key=${id}>
            <code>${id}</code> <button class="small" onClick=${() => undelete(id)}>Undelete</button>
          </li>`,
      )}
    </ul>
  `;
}

function Schema({ object }) {
  const [isOpen, setOpen] = useState(false);
  return html`
    <details onToggle=${({ target }) => setOpen(target.open)}>
      <summary>Schema ${object.schemaId}, ${object.fields.length} fields</summary>
      ${isOpen ? html`<${SchemaText} id=${object.schemaId} />` : ''}
    </details>
  `;
}

function SchemaText({ id }) {
  const { value, error } = useJson(`/api/schemas/${encodeURIComponent(id)}`, []);
  return html`<pre>${error ?? (value === undefined ? '…' : JSON.stringify(value, null, 2))}</pre>`;
}

/** What only the org writes. */
const OWN_FIELDS = new Set([
  'Id',
  'CreatedById',
  'CreatedDate',
  'LastModifiedById',
  'LastModifiedDate',
  'SystemModstamp',
  'OwnerId',
]);

function textOf(record) {
  return JSON.stringify(Object.fromEntries(Object.entries(record).filter(([name]) => !OWN_FIELDS.has(name))));
}

function short(text) {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function valuesIn(text) {
  try {
    const values = JSON.parse(text);
    return typeof values === 'object' && values !== null && !Array.isArray(values) ? values : undefined;
  } catch {
    return undefined;
  }
}
