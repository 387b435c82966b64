import type { Attributes } from './metric-sink.js';

/** Attributes, and those with more in them. Each set is made once, so that a measurement makes no object. */
export class AttributeSet {
  private readonly more = new Map<string, Map<string, AttributeSet>>();

  constructor(readonly attributes: Attributes = {}) {}

  /** These attributes and another one. Without a value, these. */
  with(name: string, value: string | undefined): AttributeSet {
    if (value === undefined) return this;
    let values = this.more.get(name);
    if (values === undefined) this.more.set(name, (values = new Map<string, AttributeSet>()));
    let found = values.get(value);
    if (found === undefined) values.set(value, (found = new AttributeSet({ ...this.attributes, [name]: value })));
    return found;
  }
}
