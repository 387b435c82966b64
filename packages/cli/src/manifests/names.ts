/** The overlays: how rxforce is run. */
export const OVERLAYS = ['single', 'replicas', 'workers'] as const;

/** A way to run rxforce. */
export type Overlay = (typeof OVERLAYS)[number];

/** What the manifests are made for. */
export interface ManifestOptions {
  /** The image, with its tag. */
  readonly image: string;
  /** Where Prometheus is, for the scaler of workers. */
  readonly prometheus: string;
}

/** The defaults of the manifests. */
export const DEFAULTS: ManifestOptions = {
  image: 'rxforce:0.1.0',
  prometheus: 'http://prometheus-operated.monitoring.svc:9090',
};

/** The name of all objects, and of the configuration and the secrets that the user gives. */
export const NAME = 'rxforce';
export const CONFIG_MAP = 'rxforce-config';
export const SECRET = 'rxforce-secrets';

/** The labels that every object has. */
export const LABELS = { 'app.kubernetes.io/name': NAME } as const;

/** The labels of the pods with a task. */
export function labelsOf(component: string): Readonly<Record<string, string>> {
  return { ...LABELS, 'app.kubernetes.io/component': component };
}

/** How long work under way may take at the end, in seconds; and how long the pod may take. */
export const DRAIN_SECONDS = 30;
export const GRACE_SECONDS = DRAIN_SECONDS + 15;
