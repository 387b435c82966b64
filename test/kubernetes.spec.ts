import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScaledObject, type IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import { expect } from 'chai';
import { Deployment, StatefulSet, type IDeployment, type IStatefulSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy, type INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { Service, ServiceAccount, type IPodTemplateSpec } from 'kubernetes-models/v1';
import { parseAllDocuments } from 'yaml';
import { parseConfiguration } from '../packages/cli/src/config/configuration.js';
import { lineOf } from '../packages/cli/src/config/place.js';
import { baseObjects, overlayObjects, type KubernetesObject } from '../packages/cli/src/manifests/manifests.js';
import { OVERLAYS } from '../packages/cli/src/manifests/names.js';
import { rxforceHere } from '../packages/cli/test/support/rxforce.js';
import { configurationOf, FOLDER, generateManifests } from '../scripts/kubernetes/generate.js';
import { root } from './support/built.js';
import { kustomize } from './support/kubectl.js';

/** Each of them validates what it is made of. */
const MODELS: Readonly<Record<string, new (data?: never) => { validate(): void }>> = {
  ...{ Deployment, StatefulSet, NetworkPolicy, PodDisruptionBudget, Service, ServiceAccount, ScaledObject },
};

type Workload = IDeployment | IStatefulSet;

const objectsOf = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
const workloads = (objects: readonly KubernetesObject[]) =>
  objects.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet') as readonly Workload[];
const podOf = ({ spec }: Workload): IPodTemplateSpec => spec!.template;

describe('deploy/kubernetes', function () {
  this.timeout(120_000);

  it('has what is written today, and nothing that is not written any more', async () => {
    const files = await generateManifests(root);
    for (const [path, text] of files) {
      expect(readFileSync(join(root, path), 'utf8'), `${path}: run npm run manifests`).to.equal(text);
    }
    const there = readdirSync(join(root, FOLDER), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml') && !path.endsWith('/config.yaml'))
      .map((path) => join(FOLDER, path));
    expect(there).to.have.members([...files.keys()]);
  });

  it('lets pods reach all that a configuration can name: logins, the Pub/Sub API, Redis, NATS and PostgreSQL', () => {
    const policy = baseObjects().find(({ kind }) => kind === 'NetworkPolicy') as INetworkPolicy;
    const ports = policy.spec?.egress?.flatMap((rule) => rule.ports ?? []).map(({ port }) => port);
    expect(ports).to.include.members([443, 7443, 6379, 4222, 5432]);
  });

  for (const overlay of OVERLAYS) {
    describe(`overlays/${overlay}`, () => {
      const objects = [...baseObjects(), ...overlayObjects(overlay)];

      it('has objects that Kubernetes takes', () => {
        for (const object of objects) new MODELS[object.kind]!(object as never).validate();
      });

      if (overlay === 'workers') {
        it('has as many workers as keep the age of the oldest event down, whatever their number is', () => {
          const { spec } = objects.find(({ kind }) => kind === 'ScaledObject') as unknown as IScaledObject;
          expect(spec.triggers.map(({ metricType }) => metricType)).to.deep.equal(['Value']);
        });
      }

      it('has pods without rights, that are looked at by probes and have time to end', () => {
        for (const workload of workloads(objects)) {
          const { spec, metadata } = podOf(workload);
          const [container] = spec!.containers;
          expect(spec).to.deep.include({ automountServiceAccountToken: false });
          expect(spec?.securityContext).to.deep.include({
            runAsNonRoot: true,
            seccompProfile: { type: 'RuntimeDefault' },
          });
          expect(container?.securityContext).to.deep.equal({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(container?.resources?.limits).to.have.all.keys('memory');
          const [, drain = ''] = /--drain-timeout (\d+)s/.exec(container!.args!.join(' ')) ?? [];
          expect(spec?.terminationGracePeriodSeconds).to.equal(Number(drain) + 15);
          const probes = [container?.startupProbe, container?.livenessProbe, container?.readinessProbe];
          expect(probes.map((probe) => probe?.httpGet?.path)).to.deep.equal(['/startupz', '/livez', '/readyz']);
          expect(workload.spec?.selector.matchLabels).to.deep.equal(metadata?.labels);
          const volumes = [...spec!.volumes!, ...('volumeClaimTemplates' in workload.spec! ? [{ name: 'state' }] : [])];
          expect(container?.volumeMounts?.map(({ name }) => name)).to.have.members(volumes.map(({ name }) => name));
        }
      });

      it('renders, with pods that begin anew when the configuration changes', async () => {
        const rendered = objectsOf(await kustomize(join(root, FOLDER, 'overlays', overlay)));
        const config = rendered.find(({ kind }) => kind === 'ConfigMap')?.metadata?.name;
        expect(config).to.match(/^rxforce-config-\w+$/);
        const used = workloads(rendered).map((workload) => podOf(workload).spec?.volumes?.[0]?.configMap?.name);
        expect(used).to.have.length.above(0);
        expect(new Set(used)).to.deep.equal(new Set([config]));
        expect(rendered).to.have.length(objects.length + 1);
      });

      it('is what rxforce manifests prints', async () => {
        const { code, stdout, stderr } = await rxforceHere(['manifests', '--overlay', overlay]);
        expect(code, stderr).to.equal(0);
        expect(objectsOf(stdout)).to.deep.equal(JSON.parse(JSON.stringify(objects)));
      });

      it('has a configuration that is right, without a secret in it', () => {
        const folder = mkdtempSync(join(tmpdir(), 'rxforce-secrets-'));
        try {
          const text = readFileSync(configurationOf(root, overlay), 'utf8').replaceAll('/run/secrets/rxforce', folder);
          mkdirSync(folder, { recursive: true });
          for (const name of ['client-id', 'username', 'redis-url', 'hook-secret'])
            writeFileSync(join(folder, name), `the ${name}`);
          const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
          const loaded = parseConfiguration(text, { file: 'config.yaml', environment });
          if (loaded.err) throw new Error(loaded.val.map(lineOf).join('\n'));
          const hints = loaded.val.hints.map(({ setting }) => setting);
          expect(hints).to.deep.equal(overlay === 'single' ? ['processing.replay_storage_path'] : []);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    });
  }

  it('finds a field of a wrong kind', () => {
    const [broken] = overlayObjects('replicas') as readonly IDeployment[];
    const wrong = { ...broken, spec: { ...broken?.spec, replicas: 'two' } };
    expect(() => new Deployment(wrong as never).validate()).to.throw(/replicas/);
  });

  it('is for an image and a Prometheus of the user, and knows no other overlay', async () => {
    const args = [
      'manifests',
      '--overlay',
      'workers',
      '--json',
      '--image',
      'registry/rx:1',
      '--prometheus',
      'http://p',
    ];
    const { stdout } = await rxforceHere(args);
    const { items } = JSON.parse(stdout) as { readonly items: readonly KubernetesObject[] };
    const images = workloads(items).map((each) => podOf(each).spec?.containers[0]?.image);
    expect(images).to.deep.equal(['registry/rx:1', 'registry/rx:1']);
    expect(stdout).to.include('"serverAddress": "http://p"');
    const unknown = await rxforceHere(['manifests', '--overlay', 'helm']);
    expect(unknown).to.include({ code: 2 });
    expect(unknown.stderr).to.include('single, replicas, workers');
  });

  it('lets the monitoring of Prometheus be added to an overlay', async () => {
    const cache = join(root, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'rxforce-kustomize-'));
    try {
      const kustomization = {
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        resources: [`../../../${FOLDER}/overlays/single`],
        components: [`../../../${FOLDER}/components/monitoring`],
      };
      writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
      const kinds = objectsOf(await kustomize(folder)).map(({ kind }) => kind);
      expect(kinds).to.include.members(['StatefulSet', 'PodMonitor', 'PrometheusRule']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('rxforce dashboard', () => {
  it('prints the board of deploy/grafana', async () => {
    const { code, stdout } = await rxforceHere(['dashboard']);
    expect(code).to.equal(0);
    const board: unknown = JSON.parse(readFileSync(join(root, 'deploy/grafana/rxforce.json'), 'utf8'));
    expect(JSON.parse(stdout)).to.deep.equal(board);
  });
});
