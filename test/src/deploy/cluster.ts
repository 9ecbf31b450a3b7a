import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deployDirectory, find, type Manifest, parseManifests, type Workload } from './kustomize.js';

/** What `deploy/secrets.sh` prints. */
export async function printedSecrets(): Promise<Manifest[]> {
  const { stdout } = await promisify(execFile)('sh', [join(deployDirectory, 'secrets.sh')]);
  return parseManifests(stdout);
}

/** Lays the pod's volumes below this directory, as the kubelet lays them below the root; returns where a path came to be. */
export async function mount(
  { spec }: Workload,
  objects: readonly Manifest[],
  directory: string,
): Promise<(path: string) => string> {
  const { containers, volumes } = spec.template.spec;
  const below = (path: string) => join(directory, path);
  const isAbsent = (secret: string) =>
    !objects.some(({ kind, metadata: { name } }) => kind === 'Secret' && name === secret);
  for (const { name, mountPath } of containers[0].volumeMounts) {
    await mkdir(below(join(mountPath, '..data')), { recursive: true });
    const volume = volumes.find((each) => each.name === name);
    const sources = volume?.projected?.sources ?? [
      {
        // An optional Secret that does not exist is an empty directory.
        ...(volume?.secret && !(volume.secret.optional && isAbsent(volume.secret.secretName))
          ? { secret: { name: volume.secret.secretName } }
          : {}),
        ...(volume?.configMap ? { configMap: volume.configMap } : {}),
      },
    ];
    for (const { secret, configMap } of sources) {
      const { data, stringData } =
        (secret && find(objects, 'Secret', secret.name)) ??
        (configMap && find(objects, 'ConfigMap', configMap.name)) ??
        {};
      for (const [file, text] of Object.entries({ ...data, ...stringData })) {
        await writeFile(below(join(mountPath, '..data', file)), text);
        await symlink(join('..data', file), below(join(mountPath, file)));
      }
    }
  }
  return below;
}
