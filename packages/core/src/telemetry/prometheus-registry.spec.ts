import { expect } from 'chai';
import { PrometheusRegistry } from './prometheus-registry.js';

describe('PrometheusRegistry', () => {
  it('has no line, when nothing was measured', () => {
    expect(new PrometheusRegistry().text()).to.equal('');
  });

  it('adds up a counter, and keeps the last value of a gauge', () => {
    const registry = new PrometheusRegistry();
    registry.add('rxforce.logins', 1, { 'rxforce.org': 'emea' });
    registry.add('rxforce.logins', 2, { 'rxforce.org': 'emea' });
    registry.add('rxforce.logins', 1, {});
    registry.set('rxforce.window.size', 5, {});
    registry.set('rxforce.window.size', 4, {});
    expect(registry.text()).to.equal(
      [
        '# HELP rxforce_window_size Events that the window has room for.',
        '# TYPE rxforce_window_size gauge',
        'rxforce_window_size 4',
        '# HELP rxforce_logins_total Logins, with the reason where one failed.',
        '# TYPE rxforce_logins_total counter',
        'rxforce_logins_total 1',
        'rxforce_logins_total{rxforce_org="emea"} 3',
        '',
      ].join('\n'),
    );
  });

  it('counts a value in the first bucket that it fits, and in all above it', () => {
    const registry = new PrometheusRegistry();
    for (const value of [0.1, 0.2, 60, 1e6]) registry.record('rxforce.event.lag', value, { a: 'b' });
    const lines = registry.text().split('\n').slice(2, -1);
    const counts = lines.map((line) => /le="(\S+)"} (\d+)/.exec(line)?.slice(1).join(' '));
    expect(counts.slice(0, 13)).to.deep.equal([
      ...['0.1 1', '0.5 2', '1 2', '2.5 2', '5 2', '10 2', '30 2', '60 3', '300 3', '1800 3', '7200 3', '43200 3'],
      '+Inf 4',
    ]);
    expect(lines.slice(13)).to.deep.equal([
      'rxforce_event_lag_seconds_sum{a="b"} 1000060.3',
      'rxforce_event_lag_seconds_count{a="b"} 4',
    ]);
  });

  it('escapes what may not be in the value of a label', () => {
    const registry = new PrometheusRegistry();
    registry.add('rxforce.pressure', 1, { 'x.y': 'a "quoted" \\ and\na second line' });
    expect(registry.text()).to.include('rxforce_pressure_total{x_y="a \\"quoted\\" \\\\ and\\na second line"} 1\n');
  });

  it('adds up all further series in one, when there are 2,000', () => {
    const registry = new PrometheusRegistry();
    for (let index = 0; index < 2_100; index++) registry.add('rxforce.pressure', 1, { index: String(index) });
    const lines = registry.text().split('\n').slice(2, -1);
    expect(lines).to.have.length(2_001);
    expect(lines).to.include('rxforce_pressure_total{otel_metric_overflow="true"} 100');
  });

  it('finds a series by its attributes, whatever their order', () => {
    const registry = new PrometheusRegistry();
    registry.add('rxforce.pressure', 1, { a: '1', b: '2' });
    registry.add('rxforce.pressure', 1, { b: '2', a: '1' });
    expect(registry.text()).to.include('rxforce_pressure_total{a="1",b="2"} 2\n');
  });

  it('forgets the series of an instrument', () => {
    const registry = new PrometheusRegistry();
    const attributes = { 'rxforce.queue': 'failed' };
    registry.set('rxforce.dead_letters', 1, attributes);
    registry.clear('rxforce.dead_letters');
    expect(registry.text()).to.equal('');
    registry.set('rxforce.dead_letters', 2, attributes);
    expect(registry.text()).to.include('rxforce_dead_letters{rxforce_queue="failed"} 2\n');
  });
});
