/**
 * Our client's publisher, which is given another event for each result. So there is always enough to send, and never
 * too much.
 *
 * @packageDocumentation
 */
import { from, mergeWith, Subject } from 'rxjs';
import type { PublishInput } from '@rxforce/core';
import { LAST_COMMIT_NUMBER, TOPICS } from '../server/topics.js';
import { Meter } from './meter.js';
import { nextOrder, PUBLISHER, type Order } from './orders.js';
import { rxforceClient } from './rxforce-client.js';

/** As many as the publisher's four requests of 200 take, and as many that wait. */
const UNDER_WAY = 1_600;

const meter = new Meter(LAST_COMMIT_NUMBER);
const more = new Subject<PublishInput<Order>>();
const first = Array.from({ length: UNDER_WAY }, () => ({ data: nextOrder() }));

from(first)
  .pipe(mergeWith(more), rxforceClient(meter.parameters).publisher<Order>(TOPICS.order, { createdById: PUBLISHER }))
  .subscribe({
    next: (result) => {
      if (result.err) meter.fail(result.val);
      meter.add(1);
      more.next({ data: nextOrder() });
    },
    error: meter.fail,
  });
