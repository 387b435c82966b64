/** A picture on the board. */
export interface Panel {
  readonly title: string;
  readonly kind: 'timeseries' | 'state-timeline' | 'stat';
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** What it shows and what to do, where the title does not say it. */
  readonly description?: string;
}

/** A line, or lines, of a panel. */
export interface Query {
  readonly expr: string;
  /** The name of a line, with labels in double braces. */
  readonly legend: string;
}

/** Panels about one question. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const OF = '{messaging_destination_name=~"$topic"}';
const BY = 'messaging_destination_name, messaging_consumer_group_name';
const TOPIC = '{{messaging_destination_name}} {{messaging_consumer_group_name}}';

const rate = (counter: string, by = BY) => `sum by (${by}) (rate(${counter}${OF}[$__rate_interval]))`;
const quantile = (share: number, histogram: string, by = BY) =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(${histogram}_bucket${OF}[$__rate_interval])))`;

/** The board: one row for each question that is asked of a running client. */
export const ROWS: readonly Row[] = [
  {
    title: 'Is it running',
    panels: [
      {
        title: 'State',
        kind: 'state-timeline',
        unit: 'none',
        queries: [
          {
            expr: `sum by (${BY}, rxforce_state) (rxforce_subscription_state${OF}) > 0`,
            legend: `${TOPIC} {{rxforce_state}}`,
          },
        ],
      },
      {
        title: 'Active readers',
        kind: 'stat',
        unit: 'none',
        description: 'Subscriptions that are connected, live or parked. There should be one at least.',
        queries: [
          {
            expr: `sum by (${BY}) (rxforce_subscription_state{messaging_destination_name=~"$topic",rxforce_state=~"connected|live|parked"})`,
            legend: TOPIC,
          },
        ],
      },
      {
        title: 'Lag, from the commit in the org to settlement',
        kind: 'timeseries',
        unit: 's',
        queries: [
          { expr: quantile(0.5, 'rxforce_event_lag_seconds'), legend: `${TOPIC} p50` },
          { expr: quantile(0.99, 'rxforce_event_lag_seconds'), legend: `${TOPIC} p99` },
        ],
      },
    ],
  },
  {
    title: 'Is it keeping up',
    panels: [
      {
        title: 'Events received and settled',
        kind: 'timeseries',
        unit: 'ops',
        queries: [
          { expr: rate('messaging_client_consumed_messages_total'), legend: `${TOPIC} received` },
          { expr: rate('messaging_process_duration_seconds_count'), legend: `${TOPIC} settled` },
        ],
      },
      {
        title: 'Window used',
        kind: 'timeseries',
        unit: 'percentunit',
        queries: [
          {
            expr: `sum by (${BY}, rxforce_part) (rxforce_window_used${OF}) / on (${BY}) group_left sum by (${BY}) (rxforce_window_size${OF})`,
            legend: `${TOPIC} {{rxforce_part}}`,
          },
        ],
      },
      {
        title: 'Pressure: the window was full of unsettled events',
        kind: 'timeseries',
        unit: 'ops',
        queries: [{ expr: rate('rxforce_pressure_total'), legend: TOPIC }],
      },
    ],
  },
  {
    title: 'Workers and snapshots',
    panels: [
      {
        title: 'Events of the log that wait',
        kind: 'timeseries',
        unit: 'none',
        queries: [{ expr: `sum by (${BY}) (rxforce_log_lag${OF})`, legend: TOPIC }],
      },
      {
        title: 'How long the oldest of them has waited',
        kind: 'timeseries',
        unit: 's',
        description: 'The slowest partition. Where it grows, start more workers.',
        queries: [{ expr: `max by (${BY}) (rxforce_log_lag_age_seconds${OF})`, legend: TOPIC }],
      },
      {
        title: 'Records read by snapshots',
        kind: 'timeseries',
        unit: 'ops',
        queries: [
          { expr: rate('rxforce_snapshot_rows_total', `${BY}, rxforce_entity`), legend: `${TOPIC} {{rxforce_entity}}` },
        ],
      },
      {
        title: 'Calls of sinks, p99',
        kind: 'timeseries',
        unit: 's',
        queries: [
          {
            expr: 'histogram_quantile(0.99, sum by (le, rxforce_sink) (rate(rxforce_sink_duration_seconds_bucket[$__rate_interval])))',
            legend: '{{rxforce_sink}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Is it safe',
    panels: [
      {
        title: 'Age of the last commit',
        kind: 'timeseries',
        unit: 's',
        description: 'After 72 hours the service has forgotten the position. A quiet topic commits every few minutes.',
        queries: [{ expr: `time() - max by (${BY}) (rxforce_commit_time_seconds${OF})`, legend: TOPIC }],
      },
      {
        title: 'Held up by one unsettled event',
        kind: 'timeseries',
        unit: 's',
        queries: [{ expr: `max by (${BY}) (rxforce_commit_gap_seconds${OF})`, legend: TOPIC }],
      },
      {
        title: 'Positions that were lost, saves that failed',
        kind: 'timeseries',
        unit: 'none',
        queries: [
          {
            expr: `sum by (${BY}, rxforce_policy) (increase(rxforce_replay_resets_total${OF}[1h]))`,
            legend: `${TOPIC} reset to {{rxforce_policy}}`,
          },
          {
            expr: `sum by (${BY}, error_type) (increase(rxforce_commit_failures_total${OF}[1h]))`,
            legend: `${TOPIC} save: {{error_type}}`,
          },
        ],
      },
      {
        title: 'Events that come again, or could not be read',
        kind: 'timeseries',
        unit: 'none',
        queries: [
          { expr: `sum by (${BY}) (increase(rxforce_events_unsettled_total${OF}[1h]))`, legend: `${TOPIC} unsettled` },
          {
            expr: `sum by (${BY}) (increase(rxforce_events_undecodable_total${OF}[1h]))`,
            legend: `${TOPIC} undecodable`,
          },
          {
            expr: `sum by (${BY}) (increase(rxforce_settled_early_total${OF}[1h]))`,
            legend: `${TOPIC} settled early`,
          },
        ],
      },
      {
        title: 'Dead letters',
        kind: 'timeseries',
        unit: 'none',
        queries: [{ expr: 'max by (rxforce_queue) (rxforce_dead_letters)', legend: '{{rxforce_queue}}' }],
      },
      {
        title: 'Leases held',
        kind: 'timeseries',
        unit: 'none',
        queries: [{ expr: `sum by (${BY}) (rxforce_lease_held${OF})`, legend: TOPIC }],
      },
    ],
  },
  {
    title: 'Work',
    panels: [
      {
        title: 'Time from hand-out to settlement',
        kind: 'timeseries',
        unit: 's',
        queries: [
          { expr: quantile(0.5, 'messaging_process_duration_seconds'), legend: `${TOPIC} p50` },
          { expr: quantile(0.99, 'messaging_process_duration_seconds'), legend: `${TOPIC} p99` },
        ],
      },
      {
        title: 'Attempts',
        kind: 'timeseries',
        unit: 'ops',
        queries: [
          {
            expr: rate('rxforce_attempts_total', 'messaging_destination_name, rxforce_outcome'),
            legend: '{{messaging_destination_name}} {{rxforce_outcome}}',
          },
        ],
      },
      {
        title: 'Events published',
        kind: 'timeseries',
        unit: 'ops',
        queries: [
          {
            expr: rate('messaging_client_sent_messages_total', 'messaging_destination_name, error_type'),
            legend: '{{messaging_destination_name}} {{error_type}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Service',
    panels: [
      {
        title: 'Streams opened, by what ended the one before',
        kind: 'timeseries',
        unit: 'none',
        queries: [
          {
            expr: `sum by (${BY}, error_type) (increase(rxforce_streams_opened_total${OF}[5m]))`,
            legend: `${TOPIC} {{error_type}}`,
          },
        ],
      },
      {
        title: 'Logins',
        kind: 'timeseries',
        unit: 'none',
        queries: [
          {
            expr: 'sum by (rxforce_org, error_type) (increase(rxforce_logins_total[5m]))',
            legend: '{{rxforce_org}} {{error_type}}',
          },
        ],
      },
      {
        title: 'Commits and requests to publish, p99',
        kind: 'timeseries',
        unit: 's',
        queries: [
          {
            expr: quantile(
              0.99,
              'messaging_client_operation_duration_seconds',
              'messaging_destination_name, messaging_operation_name',
            ),
            legend: '{{messaging_destination_name}} {{messaging_operation_name}}',
          },
        ],
      },
    ],
  },
];
