import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { INSTRUMENTS, prometheusLabel, prometheusName } from '@rxforce/core/telemetry';
import { generateTelemetry } from '../scripts/telemetry/generate.js';
import { ROWS } from '../packages/cli/src/dashboard/panels.js';
import { pageWithTable } from '../scripts/telemetry/table.js';
import { root } from './support/built.js';
import { promtool } from './support/promtool.js';

const RULES = join(root, 'deploy/prometheus/rxforce.rules.yml');
const GOLDEN = join(root, 'packages/opentelemetry/test/golden/metrics.prom');
const QUERIES = ROWS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)));

const OF = 'messaging_destination_name="/data/LeadChangeEvent",messaging_consumer_group_name="leads"';
const state = (name: string, values: string) => ({
  series: `rxforce_subscription_state{${OF},rxforce_state="${name}"}`,
  values,
});
/** Ten events a minute, whose lag is in the bucket of this bound for ten minutes, then in that of the next one. */
const lag = (...bounds: readonly number[]) =>
  [60, 300, 1_800, 7_200, 43_200, Infinity].map((le) => {
    let count = 0;
    const values = bounds.flatMap((bound) => Array.from({ length: 10 }, () => (count += bound <= le ? 10 : 0)));
    const series = `rxforce_event_lag_seconds_bucket{${OF},le="${le === Infinity ? '+Inf' : le}"}`;
    return { series, values: values.join(' ') };
  });

/** For each alert: what makes it fire in the minute `at`, and what does not. */
const CASES: Readonly<Record<string, { at: number; fires: readonly Series[]; quiet: readonly Series[] }>> = {
  NoActiveReader: {
    at: 10,
    fires: [state('live', '1 1 1 0x20'), state('parked', '0x30'), state('waiting', '0 0 0 1x20')],
    quiet: [state('live', '1 1 1 0x20'), state('parked', '0 0 0 1x20'), state('waiting', '0x30')],
  },
  PositionGrowsOld: {
    at: 400,
    fires: [{ series: `rxforce_commit_time_seconds{${OF}}`, values: '0x500' }],
    quiet: [{ series: `rxforce_commit_time_seconds{${OF}}`, values: '0+60x500' }],
  },
  ChangesMayBeMissing: {
    at: 10,
    fires: [{ series: `rxforce_replay_resets_total{${OF},rxforce_policy="earliest"}`, values: '0x5 1x20' }],
    quiet: [{ series: `rxforce_replay_resets_total{${OF},rxforce_policy="earliest"}`, values: '0x30' }],
  },
  LagGrows: {
    at: 34,
    fires: lag(60, 1_800, 7_200, 43_200),
    quiet: lag(7_200, 7_200, 7_200, 7_200),
  },
  DeadLetters: {
    at: 10,
    fires: [{ series: 'rxforce_dead_letters{rxforce_queue="failed"}', values: '3x5 5x20' }],
    quiet: [{ series: 'rxforce_dead_letters{rxforce_queue="failed"}', values: '5x5 3x20' }],
  },
  CommitStuck: {
    at: 10,
    fires: [{ series: `rxforce_commit_gap_seconds{${OF}}`, values: '0+100x20' }],
    quiet: [{ series: `rxforce_commit_gap_seconds{${OF}}`, values: '0+100x5 0x20' }],
  },
  LoginsFail: {
    at: 10,
    fires: [{ series: 'rxforce_logins_total{error_type="wrong-credentials"}', values: '0+1x20' }],
    quiet: [
      { series: 'rxforce_logins_total', values: '0+1x20' },
      { series: 'rxforce_logins_total{error_type="connection"}', values: '0 1 2x20' },
    ],
  },
  WindowTooSmall: {
    at: 40,
    fires: [...lag(300, 300, 300, 300, 300), { series: `rxforce_pressure_total{${OF}}`, values: '0+20x60' }],
    quiet: [...lag(300, 300, 300, 300, 300), { series: `rxforce_pressure_total{${OF}}`, values: '0+5x60' }],
  },
  WorkersTooSlow: {
    at: 30,
    fires: [
      { series: `rxforce_log_lag_age_seconds{${OF},messaging_destination_partition_id="3"}`, values: '0x40' },
      { series: `rxforce_log_lag_age_seconds{${OF},messaging_destination_partition_id="7"}`, values: '0+60x40' },
    ],
    quiet: [
      { series: `rxforce_log_lag_age_seconds{${OF},messaging_destination_partition_id="7"}`, values: '0+60x15 0x25' },
    ],
  },
};

interface Series {
  readonly series: string;
  readonly values: string;
}

describe('Telemetry to deploy', function () {
  this.timeout(240_000);
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxforce-telemetry-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  /** Writes a file for promtool. It reads JSON, because that is YAML too. */
  const written = (name: string, content: object) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  it('has the board and the table of the page that are written today', async () => {
    for (const [path, text] of await generateTelemetry(root)) {
      expect(readFileSync(join(root, path), 'utf8'), `${path}: run npm run telemetry`).to.equal(text);
    }
  });

  it('finds a table that is not written today', () => {
    const page = readFileSync(join(root, 'docs/guides/telemetry.md'), 'utf8');
    expect(pageWithTable(page.replace('rxforce_logins_total', 'rxforce_logons_total'))).to.include(
      'rxforce_logins_total',
    );
    expect(() => pageWithTable('# No table')).to.throw('no lines');
  });

  it('uses metrics and labels of the table, and no others', () => {
    const strangers = [readFileSync(RULES, 'utf8'), ...QUERIES].flatMap(strangersIn);
    expect(strangers).to.deep.equal([]);
    expect(strangersIn('rate(rxforce_logons_total[5m])')).to.deep.equal(['rxforce_logons_total']);
  });

  it('shows every instrument on the board', () => {
    const shown = QUERIES.join('\n');
    expect(INSTRUMENTS.map(prometheusName).filter((name) => !shown.includes(name))).to.deep.equal([]);
  });

  it('leaves the data source to the one who imports the board', () => {
    const board = readFileSync(join(root, 'deploy/grafana/rxforce.json'), 'utf8');
    const sources = [...board.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(sources)).to.deep.equal(new Set(['${DS_PROMETHEUS}', 'rxforce']));
  });

  it('gives Prometheus a text that promtool accepts', async () => {
    expect(await promtool(['check', 'metrics'], readFileSync(GOLDEN, 'utf8'))).to.deep.equal({
      isContent: true,
      output: '',
    });
    const { isContent } = await promtool(['check', 'metrics'], 'rxforce_logins{a="b} 1\n');
    expect(isContent).to.equal(false);
  });

  it('has rules and panels that promtool accepts', async () => {
    const rules = QUERIES.map((expr, index) => ({ record: `panel:${index}`, expr: plain(expr) }));
    const panels = written('panels.yml', { groups: [{ name: 'panels', rules }] });
    const { isContent, output } = await promtool(['check', 'rules', RULES, panels]);
    expect(isContent, output).to.equal(true);
    const broken = written('broken.yml', { groups: [{ name: 'broken', rules: [{ record: 'a', expr: 'sum by (' }] }] });
    expect((await promtool(['check', 'rules', broken])).isContent).to.equal(false);
  });

  it('tests every alert', () => {
    const alerts = [...readFileSync(RULES, 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(Object.keys(CASES)).to.deep.equal(alerts);
  });

  for (const [alert, { at, fires, quiet }] of Object.entries(CASES)) {
    it(`has an alert ${alert}, which fires when it should and not otherwise`, async () => {
      const tests = written(`${alert}.yml`, {
        rule_files: [RULES],
        evaluation_interval: '1m',
        tests: [
          { input_series: fires, count: 1 },
          { input_series: quiet, count: 0 },
        ].map(({ input_series, count }) => ({
          interval: '1m',
          input_series,
          promql_expr_test: [
            {
              expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
              eval_time: `${at}m`,
              exp_samples: [{ labels: '{}', value: count }],
            },
          ],
        })),
      });
      const { isContent, output } = await promtool(['test', 'rules', tests]);
      expect(isContent, output).to.equal(true);
    });
  }
});

/** Names that look like ours, and are in no table. */
function strangersIn(text: string): string[] {
  const known = new Set([
    ...INSTRUMENTS.flatMap((instrument) => {
      const name = prometheusName(instrument);
      return instrument.kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
    }),
    ...INSTRUMENTS.flatMap(({ attributes }) => attributes.map(prometheusLabel)),
    'rxforce',
  ]);
  const names = text.match(/(?<![\w:./])(rxforce|messaging)\w*(?![\w:.])/g) ?? [];
  return names.filter((name) => !known.has(name));
}

/** What Grafana puts in. */
function plain(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$topic', '.*');
}
