import { BrokenConfigurationError, isValues, readText } from './configuration.js';
import { applyEnvironment } from './environment-settings.js';
import type { Environment } from './interpolate.js';
import { findingsOf } from './issue-text.js';
import { settingOf } from './place.js';
import { readYaml } from './read-yaml.js';
import { httpSettings, type HttpSettings } from './settings/http.js';

/**
 * Reads `http` of a configuration alone. The rest of the file need not be right: who looks at a process has no
 * variables for its login.
 *
 * @returns Its settings; `undefined` where the file has none.
 * @throws `ConfigurationError` when there is no such file, or these settings are wrong.
 */
export function readHttp(file: string, environment: Environment): HttpSettings | undefined {
  const { value, places, problems } = readYaml(readText(file), file, environment);
  const values = isValues(value) ? value : {};
  applyEnvironment(values, places, environment);
  const own = problems.filter(({ setting }) => setting === '' || /^http\b/.test(setting));
  if (own.length > 0) throw new BrokenConfigurationError(own);
  if (values.http === undefined) return undefined;
  const parsed = httpSettings.safeParse(values.http);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.flatMap((issue) => findingsOf(issue, values.http));
  throw new BrokenConfigurationError(
    findings.map(({ path, message }) => {
      const whole = ['http', ...path];
      return { setting: settingOf(whole), at: places.ofValue(whole), message };
    }),
  );
}
