import { SourceDelivery, type DeliveryOwner } from '../delivery/source-delivery.js';

/** One value of a source of one's own. */
export class PlacedDelivery extends SourceDelivery {
  /** @param describe - What it delivers, for messages. */
  constructor(
    owner: DeliveryOwner,
    private readonly describe: () => string,
  ) {
    super(owner, undefined);
  }

  override get title(): string {
    return this.describe();
  }
}
