import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { parse, stringify } from 'yaml';
import { baseObjects, overlayObjects, type KubernetesObject } from '../../packages/cli/src/manifests/manifests.js';
import { CONFIG_MAP, LABELS, NAME, OVERLAYS, type Overlay } from '../../packages/cli/src/manifests/names.js';

/** Where the files are, from the root. */
export const FOLDER = 'deploy/kubernetes';
const RULES = 'deploy/prometheus/rxforce.rules.yml';

/** All files that are written: texts by their paths from the root. The configurations of the overlays are not. */
export async function generateManifests(root: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const put = async (path: string, value: object) => {
    const text = stringify(value, { aliasDuplicateObjects: false });
    const note = '# Written by npm run manifests.\n';
    files.set(join(FOLDER, path), await format(note + text, { parser: 'yaml', printWidth: 120, singleQuote: true }));
  };
  const putAll = async (folder: string, objects: readonly KubernetesObject[], rest: object) => {
    for (const object of objects) await put(join(folder, fileOf(object)), object);
    await put(join(folder, 'kustomization.yaml'), rest);
  };
  const base = baseObjects();
  await putAll('base', base, kustomization({ resources: base.map(fileOf) }));
  for (const overlay of OVERLAYS) {
    const objects = overlayObjects(overlay);
    await putAll(join('overlays', overlay), objects, kustomizationOf(objects));
  }
  const monitoring = monitoringObjects(root);
  const component = { kind: 'Component', apiVersion: 'kustomize.config.k8s.io/v1alpha1' };
  await putAll('components/monitoring', monitoring, { ...component, resources: monitoring.map(fileOf) });
  return files;
}

function kustomizationOf(objects: readonly KubernetesObject[]): object {
  return kustomization({
    resources: ['../../base', ...objects.map(fileOf)],
    // The name has a hash of the file in it, so that a change of the configuration starts new pods.
    configMapGenerator: [{ name: CONFIG_MAP, files: ['config.yaml'] }],
  });
}

function kustomization(rest: object): object {
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...rest };
}

function fileOf({ kind, metadata }: KubernetesObject): string {
  const name = metadata?.name === NAME ? '' : (metadata?.name ?? '').replace(`${NAME}-`, '') + '-';
  return `${name}${kind.replace(/(?<=[a-z])([A-Z])/g, '-$1').toLowerCase()}.yaml`;
}

/** For the operator of Prometheus: where the metrics are, and the alerts. */
function monitoringObjects(root: string): readonly KubernetesObject[] {
  const { groups } = parse(readFileSync(join(root, RULES), 'utf8')) as { readonly groups: unknown };
  const of = (kind: string, spec: object): KubernetesObject & { readonly spec: object } => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: { name: NAME, labels: LABELS } as { readonly name: string },
    spec,
  });
  return [
    of('PodMonitor', { selector: { matchLabels: LABELS }, podMetricsEndpoints: [{ port: 'http', path: '/metrics' }] }),
    of('PrometheusRule', { groups }),
  ];
}

/** The configuration of an overlay, which is written by hand. */
export function configurationOf(root: string, overlay: Overlay): string {
  return join(root, FOLDER, 'overlays', overlay, 'config.yaml');
}
