import { SourceDelivery, type DeliveryOwner } from '../delivery/source-delivery.js';

/** One value of a source of one's own. */
export class PlacedDelivery extends SourceDelivery {
  /**
   * @param describe - What it delivers, for messages.
   * @param lost - Whether it is somebody else's by now.
   */
  constructor(
    owner: DeliveryOwner,
    private readonly describe: () => string,
    private readonly lost: () => boolean,
  ) {
    super(owner, undefined);
  }

  override isLost(): boolean {
    return this.lost();
  }

  override get title(): string {
    return this.describe();
  }
}
