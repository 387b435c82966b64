/** The object whose changes a topic carries: `Employee__c` of `/data/Employee__ChangeEvent`. */
export function entityOf(topic: string): string {
  const name = topic.replace(/^\/data\//, '').replace(/ChangeEvent$/, '');
  return name.endsWith('__') ? `${name}c` : name;
}

/** Whether a topic carries the changes of several objects. */
export function isChannel(topic: string): boolean {
  return topic === '/data/ChangeEvents' || topic.endsWith('__chn');
}
