import { disruptionBudget, networkPolicy, service, serviceAccount } from './common.js';
import { DEFAULTS, NAME, type ManifestOptions, type Overlay } from './names.js';
import { readers, singleReader, workers, workerScaler } from './workloads.js';

/** An object of Kubernetes, as all of them are. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string };
}

/** What all overlays have in common. */
export function baseObjects(): readonly KubernetesObject[] {
  return [serviceAccount(), service(), networkPolicy()];
}

/** What an overlay adds to the base. */
export function overlayObjects(overlay: Overlay, options: ManifestOptions = DEFAULTS): readonly KubernetesObject[] {
  switch (overlay) {
    case 'single':
      return [singleReader(options)];
    case 'replicas':
      return [readers(options), disruptionBudget(NAME, 'reader')];
    case 'workers':
      return [
        ...[readers(options, ['--role', 'reader']), disruptionBudget(NAME, 'reader')],
        ...[workers(options), disruptionBudget(`${NAME}-worker`, 'worker'), workerScaler(options)],
      ];
  }
}
