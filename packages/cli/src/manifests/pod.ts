import type { IContainer, IPodTemplateSpec, IProbe, IVolume } from 'kubernetes-models/v1';
import { CONFIG_MAP, DRAIN_SECONDS, GRACE_SECONDS, labelsOf, SECRET, type ManifestOptions } from './names.js';

/** The user of the image. */
const USER = 10_001;

/** What a pod does. */
export interface PodOptions extends ManifestOptions {
  /** Its task: `reader`, or `worker`. */
  readonly component: string;
  /** More arguments of `rxforce run`. */
  readonly args?: readonly string[];
  /** The volume of the positions; `undefined` where they are in Redis or on NATS. */
  readonly state?: string;
  /** Whether pods of one task belong on different hosts. */
  readonly isSpread?: boolean;
}

/** A pod that runs rxforce. It can write nowhere but into its volume, and has no rights in the cluster. */
export function podOf({ component, isSpread = false, ...options }: PodOptions): IPodTemplateSpec {
  const labels = labelsOf(component);
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: 'rxforce',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: GRACE_SECONDS,
      securityContext: {
        ...{ runAsNonRoot: true, runAsUser: USER, runAsGroup: USER, fsGroup: USER },
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(isSpread && { topologySpreadConstraints: [spreadOf(labels)] }),
      containers: [containerOf({ component, ...options })],
      volumes: volumesOf(options),
    },
  };
}

function containerOf({ image, args = [], state }: PodOptions): IContainer {
  return {
    name: 'rxforce',
    image,
    args: ['run', '/etc/rxforce/config.yaml', '--drain-timeout', `${DRAIN_SECONDS}s`, ...args],
    // V8 must leave room for what is outside of its heap.
    env: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=384' }],
    ports: [{ name: 'http', containerPort: 8080 }],
    startupProbe: probe('/startupz', { periodSeconds: 5, failureThreshold: 60 }),
    livenessProbe: probe('/livez', { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 10 }),
    readinessProbe: probe('/readyz', { periodSeconds: 10, failureThreshold: 3 }),
    // No limit of CPU: a process that is throttled renews its leases late.
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/rxforce', readOnly: true },
      { name: 'secrets', mountPath: '/run/secrets/rxforce', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: state ?? 'scratch', mountPath: '/var/lib/rxforce' },
    ],
  };
}

function volumesOf({ state }: Pick<PodOptions, 'state'>): IVolume[] {
  return [
    { name: 'config', configMap: { name: CONFIG_MAP } },
    { name: 'secrets', secret: { secretName: SECRET, defaultMode: 0o440 } },
    { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    ...(state === undefined ? [{ name: 'scratch', emptyDir: { sizeLimit: '64Mi' } }] : []),
  ];
}

function probe(path: string, times: Partial<IProbe>): IProbe {
  return { httpGet: { path, port: 'http' }, timeoutSeconds: 5, ...times };
}

function spreadOf(labels: Readonly<Record<string, string>>) {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
  } as const;
}
