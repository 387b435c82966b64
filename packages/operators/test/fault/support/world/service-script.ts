import type { ServiceAction } from '../scenario.js';
import type { Setting } from './setting.js';

/** How long after the last of the script nothing fails any more, in milliseconds. */
const CALM_AFTER_MS = 200;

/** Lets happen to the service what the scenario tells, and in the end calm. */
export class ServiceScript {
  constructor(private readonly setting: Setting) {}

  /** From now on. */
  play(): void {
    const { setting } = this;
    let at = 0;
    for (const { waitMs, action } of setting.given.script) {
      at += waitMs;
      setting.schedule(() => this.act(action), at);
    }
    setting.schedule(() => this.calmDown(), at + CALM_AFTER_MS);
  }

  private act(action: ServiceAction): void {
    this.setting.note(() => `service: ${JSON.stringify(action)}`);
    const { service, lives } = this.setting.process;
    const { stream } = service;
    switch (action.do) {
      case 'publish':
        this.setting.log.publish(action.count);
        service.serve();
        return;
      case 'respond':
        stream?.send(action.count);
        return;
      case 'end':
        stream?.end(action.failure);
        return;
      case 'sendAgain':
        // Of what the same subscription was given: one that comes from before would be another event to it.
        stream?.sendAgain(action.count, lives.at(-1)?.start ?? stream.cursor);
        return;
      case 'keepalive':
        stream?.keepalive();
        return;
      case 'goSilent':
        stream?.goSilent();
    }
  }

  private calmDown(): void {
    const { setting } = this;
    setting.note(() => 'calm');
    setting.calmAt = setting.clock.now();
    setting.log.publish(setting.log.length);
    setting.process.service.calm();
  }
}
