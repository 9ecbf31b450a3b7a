import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Writes a kubeconfig file for this API server and returns its path. */
export async function writeKubeconfig(
  directory: string,
  { url, token, namespace }: { url: string; token: string; namespace: string },
): Promise<string> {
  const text = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    // Has no effect for http, but @kubernetes/client-node refuses an http URL without it.
    clusters: [{ name: 'sandbox', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'sandbox', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'sandbox', namespace } }],
    'current-context': 'sandbox',
  });
  const path = join(directory, 'kubeconfig');
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
