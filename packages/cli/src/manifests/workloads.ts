import type { IScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1';
import type { IDeployment, IStatefulSet } from 'kubernetes-models/apps/v1';
import { labelsOf, LABELS, NAME, type ManifestOptions } from './names.js';
import { podOf, type PodOptions } from './pod.js';

/** The partitions of a log, where `log.partitions` says nothing else: more workers would have nothing to read. */
const PARTITIONS = 32;
/** The age of the oldest event that nobody has worked on yet, in seconds, from which on there are more workers. */
const TARGET_AGE = 30;
const STATE = 'state';

/** One pod, with a volume for positions and dead letters. An update ends it before it starts the next one. */
export function singleReader(options: ManifestOptions): IStatefulSet {
  const component = 'reader';
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: NAME, labels: labelsOf(component) },
    spec: {
      replicas: 1,
      serviceName: NAME,
      selector: { matchLabels: labelsOf(component) },
      template: podOf({ ...options, component, state: STATE }),
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: STATE, labels: LABELS },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  };
}

/** Two pods, of which one reads a topic at a time. In an update, the new one is on standby before the old one ends. */
export function readers(options: ManifestOptions, args: readonly string[] = []): IDeployment {
  return deployment(NAME, { replicas: 2 }, { ...options, component: 'reader', args });
}

/** What works on the events of a log. The number of pods is the scaler's. */
export function workers(options: ManifestOptions): IDeployment {
  return deployment(`${NAME}-worker`, {}, { ...options, component: 'worker', args: ['--role', 'worker'] });
}

function deployment(
  name: string,
  scale: { readonly replicas?: number },
  pod: Omit<PodOptions, 'isSpread'>,
): IDeployment {
  const { component } = pod;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: labelsOf(component) },
    spec: {
      ...scale,
      revisionHistoryLimit: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      selector: { matchLabels: labelsOf(component) },
      template: podOf({ ...pod, isSpread: true }),
    },
  };
}

/** More workers while events wait, and fewer of them slowly: each change moves partitions. */
export function workerScaler({ prometheus }: ManifestOptions): IScaledObject {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: `${NAME}-worker`, labels: labelsOf('worker') },
    spec: {
      scaleTargetRef: { name: `${NAME}-worker` },
      minReplicaCount: 1,
      maxReplicaCount: PARTITIONS,
      advanced: {
        horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } },
      },
      triggers: [
        {
          type: 'prometheus',
          // By default, the number of workers would be the age divided by the threshold, however many there are.
          metricType: 'Value',
          metadata: {
            serverAddress: prometheus,
            query: 'max(rxforce_log_lag_age_seconds)',
            threshold: String(TARGET_AGE),
          },
        },
      ],
    },
  };
}
