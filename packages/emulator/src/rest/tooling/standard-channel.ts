import type { ChannelMember } from '../../org/channels.js';
import type { MemoryOrg } from '../../org/org.js';
import { RestProblem } from '../rest-problem.js';

/** What the channel of all selected objects is called. Everybody has it, and it is no record itself. */
export const STANDARD_CHANNEL = 'ChangeEvents';

/**
 * The objects that are selected for change events, as members of `ChangeEvents`. In the emulated org all are, from the
 * start: a program that selects one is right for the first time, as on an org where nobody has selected it yet.
 */
export class StandardChannel {
  /** What programs selected themselves. */
  private readonly selected = new Set<string>();

  constructor(private readonly org: MemoryOrg) {}

  /** In the order of the org's objects. */
  members(): Required<ChannelMember>[] {
    return this.org.selectedEntities().map((entity) => ({ entity, enrichedFields: [] }));
  }

  /**
   * Selects an object.
   *
   * @throws {@link RestProblem} when a program has selected it already, or fields are to be added to its events.
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

  /** Takes an object out of the selection: its changes make no events any more, but on custom channels. */
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
