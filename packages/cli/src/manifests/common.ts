import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService, IServiceAccount } from 'kubernetes-models/v1';
import { LABELS, labelsOf, NAME } from './names.js';

/** An account without any rights, and without a token in its pods. */
export function serviceAccount(): IServiceAccount {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: NAME, labels: LABELS },
    automountServiceAccountToken: false,
  };
}

/** Names the pods, for the metrics. Nothing is balanced over them. */
export function service(): IService {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, labels: LABELS },
    spec: {
      clusterIP: 'None',
      // A standby has metrics, too.
      publishNotReadyAddresses: true,
      selector: LABELS,
      ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
    },
  };
}

/** Where pods may connect to: names, Salesforce and webhooks, Redis, NATS and PostgreSQL. */
const EGRESS: readonly (readonly [protocol: 'TCP' | 'UDP', port: number])[] = [
  ['UDP', 53],
  ['TCP', 53],
  ['TCP', 443],
  ['TCP', 7443],
  ['TCP', 6379],
  ['TCP', 4222],
  ['TCP', 5432],
];

/** What pods may be reached by, and what they may reach. A sink at another port needs a rule more. */
export function networkPolicy(): INetworkPolicy {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: NAME, labels: LABELS },
    spec: {
      podSelector: { matchLabels: LABELS },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ protocol: 'TCP', port: 'http' }] }],
      egress: [{ ports: EGRESS.map(([protocol, port]) => ({ protocol, port })) }],
    },
  };
}

/** Lets an eviction take one pod of a task at a time. */
export function disruptionBudget(name: string, component: string): IPodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, labels: labelsOf(component) },
    spec: { maxUnavailable: 1, selector: { matchLabels: labelsOf(component) } },
  };
}
