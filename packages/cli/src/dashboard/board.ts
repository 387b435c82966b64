import type { Panel, Row } from './panels.js';

/** Chosen at the import of the board. */
const DATASOURCE = { type: 'prometheus', uid: '${DS_PROMETHEUS}' };
const WIDTH = 24;
const HEIGHT = 8;

/** A board of Grafana, as it is imported. */
export function boardOf(rows: readonly Row[]): object {
  const panels: object[] = [];
  let y = 0;
  let id = 0;
  for (const { title, panels: all } of rows) {
    panels.push({
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { h: 1, w: WIDTH, x: 0, y: y++ },
      panels: [],
    });
    for (let first = 0; first < all.length; first += 3) {
      const line = all.slice(first, first + 3);
      const w = WIDTH / line.length;
      line.forEach((panel, index) => panels.push(panelOf(panel, ++id, { h: HEIGHT, w, x: index * w, y })));
      y += HEIGHT;
    }
  }
  return {
    __inputs: [{ name: 'DS_PROMETHEUS', label: 'Prometheus', type: 'datasource', pluginId: 'prometheus' }],
    title: 'rxforce',
    uid: 'rxforce',
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [topicVariable()] },
    panels,
  };
}

function panelOf({ title, kind, unit, description, queries }: Panel, id: number, gridPos: object): object {
  return {
    ...{ id, type: kind, title, gridPos, datasource: DATASOURCE },
    ...(description !== undefined && { description }),
    fieldConfig: { defaults: { unit, ...(kind === 'timeseries' && { min: 0 }) }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}

function topicVariable(): object {
  const query = 'label_values(rxforce_subscription_state, messaging_destination_name)';
  return {
    ...{ name: 'topic', label: 'Topic', type: 'query', datasource: DATASOURCE },
    ...{ query: { query, refId: 'topics' }, definition: query, refresh: 2 },
    ...{ multi: true, includeAll: true, allValue: '.*', current: { text: 'All', value: '$__all' } },
  };
}
