import type { ChannelMember } from '../../org/channels.js';
import type { MemoryOrg } from '../../org/org.js';
import { RestProblem } from '../rest-problem.js';

/** The name of the channel of all selected objects. Every org has it, and it is not a record itself. */
export const STANDARD_CHANNEL = 'ChangeEvents';

/**
 * The objects that are selected for change events, as members of `ChangeEvents`. In the emulated org all are selected
 * from the start. A program can still select each object once, as on an org where nobody has selected it yet.
 */
export class StandardChannel {
  /** The objects that programs have selected. */
  private readonly selected = new Set<string>();

  constructor(private readonly org: MemoryOrg) {}

  /** The members, in the order of the org's objects. */
  members(): Required<ChannelMember>[] {
    return this.org.selectedEntities().map((entity) => ({ entity, enrichedFields: [] }));
  }

  /**
   * Selects an object.
   *
   * @throws {@link RestProblem} when a program has selected it already, or when fields are to be added to its events.
   */
  add(entity: string, enrichedFields: readonly string[]): void {
    this.checkFields(enrichedFields);
    if (this.selected.has(entity)) {
      const message = `${entity} is selected for change events already.`;
      throw new RestProblem(400, 'DUPLICATE_VALUE', message, ['SelectedEntity']);
    }
    this.selected.add(entity);
    this.org.selectEntity(entity, true);
  }

  /** Removes an object from the selection: from now on its changes make events only on custom channels. */
  remove(entity: string): void {
    this.selected.delete(entity);
    this.org.selectEntity(entity, false);
  }

  /**
   * Checks the fields to be added to events.
   *
   * @throws {@link RestProblem} when there are any.
   */
  checkFields(enrichedFields: readonly string[]): void {
    if (enrichedFields.length > 0) {
      const message = 'The emulator adds fields on custom channels alone: create one, and a member of it.';
      throw new RestProblem(400, 'FIELD_INTEGRITY_EXCEPTION', message, ['Metadata']);
    }
  }
}
