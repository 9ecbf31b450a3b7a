import type { ApplicationSpec } from '@k8sta/sandbox';

/** The size of the benchmark. */
export interface Size {
  readonly tracks: number;
  readonly repositories: number;
  /** For each Track. */
  readonly stations: number;
}

export const tags = { before: '1.4.1', after: '1.4.2' };

/** The place of a file that a promotion edits. */
export interface Target {
  readonly application: string;
  readonly track: number;
  readonly repository: number;
  readonly path: string;
}

export function imageOf(track: number): string {
  return `acme/web-${track}`;
}

/** One Application per Track and Station. All Applications of a Track are in one repository, as most teams do it. */
export function targetsOf({ tracks, repositories, stations }: Size): Target[] {
  return range(tracks).flatMap((track) =>
    range(stations).map((station) => {
      const application = `web-${track}-s${station}`;
      return { application, track, repository: track % repositories, path: `apps/${application}` };
    }),
  );
}

/** The files of a repository: a base for each of its Tracks, and a kustomization for each Application. */
export function filesOf(size: Size, repository: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (const track of range(size.tracks)) {
    if (track % size.repositories !== repository) continue;
    files[`base/web-${track}/kustomization.yaml`] = 'resources:\n- deployment.yaml\n';
    files[`base/web-${track}/deployment.yaml`] = [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: {name: web}',
      `spec: {template: {spec: {containers: [{name: web, image: "${imageOf(track)}"}]}}}`,
      '',
    ].join('\n');
  }
  for (const target of targetsOf(size)) {
    if (target.repository === repository) files[fileOf(target)] = kustomization(target);
  }
  return files;
}

export function fileOf({ path }: Target): string {
  return `${path}/kustomization.yaml`;
}

function kustomization({ application, track }: Target): string {
  const images = `images:\n- name: ${imageOf(track)}\n  newTag: "${tags.before}"\n`;
  return `namePrefix: ${application}-\nresources:\n- ../../base/web-${track}\n${images}`;
}

export function applicationsOf(size: Size, urlOf: (repository: number) => string): ApplicationSpec[] {
  return targetsOf(size).map(({ application, repository, path }) => ({
    ...{ name: application, repoURL: urlOf(repository), targetRevision: 'main', path },
  }));
}

/** The tracks file. */
export function tracksFile({ tracks, stations }: Size): string {
  const lines = range(tracks).flatMap((track) => [
    `- name: web-${track}`,
    `  images: [{repository: ${imageOf(track)}}]`,
    '  stations:',
    ...range(stations).map(
      (station) => `  - {name: s${station}, deadline: 10m, applications: [web-${track}-s${station}]}`,
    ),
  ]);
  return ['tracks:', ...lines, ''].join('\n');
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
