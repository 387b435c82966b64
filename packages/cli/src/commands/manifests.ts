import { ConfigurationError } from '@rxforce/core/model';
import { stringify } from 'yaml';
import type { Context } from '../command/context.js';
import { EXIT } from '../command/exit-codes.js';
import type { CommonOptions } from '../command/load.js';
import { baseObjects, overlayObjects } from '../manifests/manifests.js';
import { CONFIG_MAP, DEFAULTS, OVERLAYS, SECRET, type Overlay } from '../manifests/names.js';

/** The options of `rxforce manifests`. */
export interface ManifestsOptions extends CommonOptions {
  readonly overlay: string;
  readonly image?: string;
  readonly prometheus?: string;
}

/** `rxforce manifests`: the objects for Kubernetes, as YAML or as a list in JSON. */
export async function manifests(context: Context, options: ManifestsOptions): Promise<number> {
  const { overlay, image = DEFAULTS.image, prometheus = DEFAULTS.prometheus, json = false } = options;
  if (!(OVERLAYS as readonly string[]).includes(overlay)) {
    throw new ConfigurationError(`--overlay ${overlay}: there is no such one. There are ${OVERLAYS.join(', ')}.`);
  }
  const objects = [...baseObjects(), ...overlayObjects(overlay as Overlay, { image, prometheus })];
  await context.print(
    json
      ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`
      : objects.map((object) => `---\n${stringify(object, { aliasDuplicateObjects: false })}`).join(''),
  );
  context.note(
    `The pods need the configuration and the secrets: kubectl create configmap ${CONFIG_MAP} --from-file=config.yaml, and ` +
      `kubectl create secret generic ${SECRET} --from-file=…`,
  );
  return EXIT.done;
}
