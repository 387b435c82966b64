import { expect } from 'chai';
import { INSTRUMENTS, type Instrument } from './instruments.js';
import { prometheusLabel, prometheusName } from './prometheus-name.js';

const nameOf = (name: string, unit = '', kind: Instrument['kind'] = 'gauge') => prometheusName({ name, unit, kind });

describe('prometheusName()', () => {
  it('does what the Collector documents', () => {
    expect(nameOf('(lambda).function.executions(#)')).to.equal('lambda_function_executions');
    expect(nameOf('system.filesystem.usage', 'By')).to.equal('system_filesystem_usage_bytes');
    expect(nameOf('system.network.dropped', '{packets}')).to.equal('system_network_dropped');
    expect(nameOf('system.network.dropped', 'packets')).to.equal('system_network_dropped_packets');
    expect(nameOf('system.memory.utilization', '1')).to.equal('system_memory_utilization_ratio');
    expect(nameOf('storage.filesystem.utilization', '%')).to.equal('storage_filesystem_utilization_percent');
    expect(nameOf('astro.light.speed', 'm/s')).to.equal('astro_light_speed_meters_per_second');
    expect(nameOf('crypto.dogecoin.value', '$')).to.equal('crypto_dogecoin_value_dollars');
    expect(nameOf('system.processes.created', '', 'counter')).to.equal('system_processes_created_total');
  });

  it('says nothing twice', () => {
    expect(nameOf('system.io.bytes', 'By', 'counter')).to.equal('system_io_bytes_total');
    expect(nameOf('total.created', '', 'counter')).to.equal('created_total');
    expect(nameOf('used.ratio', '1')).to.equal('used_ratio');
    expect(nameOf('used', '1', 'counter')).to.equal('used_total');
    expect(nameOf('packets.per.second', 'packets/s')).to.equal('packets_per_second');
  });

  it('takes no part of a unit that is in braces, and no digit first', () => {
    expect(nameOf('fan.speed', '{rotation}/s')).to.equal('fan_speed_per_second');
    expect(nameOf('fan.speed', 'm/{turn}')).to.equal('fan_speed_meters');
    expect(nameOf('2xx.answers')).to.equal('_2xx_answers');
  });

  it('gives each instrument the name that boards and alerts know', () => {
    expect(INSTRUMENTS.map(prometheusName)).to.deep.equal([
      'messaging_client_consumed_messages_total',
      'messaging_process_duration_seconds',
      'messaging_client_operation_duration_seconds',
      'messaging_client_sent_messages_total',
      'rxforce_event_lag_seconds',
      'rxforce_events_unsettled_total',
      'rxforce_events_undecodable_total',
      'rxforce_attempts_total',
      'rxforce_dead_letters',
      'rxforce_window_used',
      'rxforce_window_size',
      'rxforce_subscription_state',
      'rxforce_streams_opened_total',
      'rxforce_pressure_total',
      'rxforce_logins_total',
      'rxforce_commit_time_seconds',
      'rxforce_commit_failures_total',
      'rxforce_commit_gap_seconds',
      'rxforce_replay_resets_total',
      'rxforce_lease_held',
      'rxforce_settled_early_total',
      'rxforce_log_lag',
      'rxforce_log_lag_age_seconds',
      'rxforce_snapshot_rows_total',
      'rxforce_sink_duration_seconds',
    ]);
  });
});

describe('prometheusLabel()', () => {
  it('does what the Collector documents', () => {
    expect(['name', 'host.name', 'host_name', 'name (of the host)', '2 cents', '__name', '_name'].map(prometheusLabel))
      .to // prettier-ignore
      .deep.equal(['name', 'host_name', 'host_name', 'name__of_the_host_', 'key_2_cents', '__name', 'key_name']);
  });
});
