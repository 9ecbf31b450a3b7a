import type { ApplicationSpec } from './argo/index.js';

/** A Track for the sandbox: its Stations by name, each with its Applications. */
export interface Line {
  readonly track: string;
  /** The image as its sender names it: `acme/storefront` on Docker Hub. */
  readonly image: string;
  /** The first tag of every Application. */
  readonly tag: string;
  readonly stations: Readonly<Record<string, readonly string[]>>;
  /** What "newer" means; default: the higher version, as for any Track with tags that are versions. */
  readonly order?: 'push';
  /** More keys of a Station in the tracks file, as in a flow mapping: `soak: 2s`. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Deadlines of Stations, in the form of the tracks file. */
  readonly deadlines?: Readonly<Record<string, string>>;
  /** The Tracks, with their Stations, that a junction at the end of the Track opens. */
  readonly branches?: Readonly<Record<string, Line['stations']>>;
  /** How the repository names the image; default: an overlay for each Application. */
  readonly layout?: 'kustomize' | 'helm' | 'manifests';
}

/** What a system moves images on: repositories, the Applications that deploy them, and the tracks file. */
export interface Railway {
  /** The files of each repository on the Git server, text by path. */
  readonly repositories: Readonly<Record<string, Record<string, string>>>;
  applications(urlOf: (repository: string) => string): ApplicationSpec[];
  readonly tracks: string;
}

/** A line, and where its Applications find their files. */
export interface HostedLine {
  readonly line: Line;
  readonly repository: string;
  /** By Application: another repository than that of the line, with the same files. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** `deadline` is that of each Station that has none of its own. */
export function railwayOf(lines: readonly HostedLine[], deadline: string): Railway {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { line, repository, elsewhere = {} } of lines) {
    for (const name of [repository, ...Object.values(elsewhere)]) {
      repositories[name] = { ...repositories[name], ...repositoryFiles(line) };
    }
  }
  return {
    repositories,
    applications: (urlOf) => lines.flatMap((hosted) => applicationsOf(hosted, urlOf)),
    tracks: ['tracks:', ...lines.flatMap(({ line }) => tracksOf(line, deadline)), ''].join('\n'),
  };
}

export const storefront: Line = {
  track: 'storefront',
  image: 'acme/storefront',
  tag: '1.4.1',
  stations: {
    dev: ['storefront-dev'],
    stage: ['storefront-stage-eu', 'storefront-stage-us'],
    prod: ['storefront-prod'],
  },
};

function applicationsOf(
  { line, repository, elsewhere = {} }: HostedLine,
  urlOf: (repository: string) => string,
): ApplicationSpec[] {
  return everyApplication(line).map((name) => ({
    ...{ name, repoURL: urlOf(elsewhere[name] ?? repository), targetRevision: 'main' },
    ...(line.layout === 'helm' ? chartSource(line, name) : { path: pathOf(name) }),
  }));
}

function everyApplication({ stations, branches = {} }: Line): string[] {
  return [stations, ...Object.values(branches)].flatMap((each) => Object.values(each).flat());
}

function pathOf(application: string): string {
  return `apps/${application}`;
}

function repositoryFiles(line: Line): Record<string, string> {
  switch (line.layout) {
    case 'helm':
      return chartFiles(line);
    case 'manifests':
      return manifestFiles(line);
    default:
      return kustomizeFiles(line);
  }
}

function kustomizeFiles(line: Line): Record<string, string> {
  const { track, image, tag } = line;
  const files: Record<string, string> = {
    'README.md': '# What runs where\n\nArgo CD deploys `apps/*`.\n',
    [`base/${track}/kustomization.yaml`]: 'resources:\n- deployment.yaml\n',
    [`base/${track}/deployment.yaml`]: deployment(track, image),
  };
  for (const application of everyApplication(line)) {
    files[`${pathOf(application)}/kustomization.yaml`] = [
      'apiVersion: kustomize.config.k8s.io/v1beta1',
      'kind: Kustomization',
      `namePrefix: ${application}-`,
      'resources:',
      `- ../../base/${track}`,
      'images:',
      `- name: ${image}   # K8sTA writes the next line`,
      `  newTag: "${tag}"`,
      '',
    ].join('\n');
  }
  return files;
}

/** A folder of plain manifests for each Application. */
function manifestFiles(line: Line): Record<string, string> {
  const { track, image, tag } = line;
  return Object.fromEntries(
    everyApplication(line).map((name) => [`${pathOf(name)}/deployment.yaml`, deployment(track, `${image}:${tag}`)]),
  );
}

/** One chart for all environments, and a file of values for each. */
function chartFiles(line: Line): Record<string, string> {
  const { track, image, tag } = line;
  const chart = `charts/${track}`;
  const files: Record<string, string> = {
    'README.md': '# What runs where\n\nArgo CD deploys one chart with `env/*`.\n',
    [`${chart}/Chart.yaml`]: `apiVersion: v2\nname: ${track}\nversion: 0.1.0\nappVersion: "${tag}"\n`,
    [`${chart}/values.yaml`]: `image:\n  repository: ${image}\n  tag: ""\n`,
    [`${chart}/templates/deployment.yaml`]: deployment(
      '{{ .Release.Name }}',
      '{{ .Values.image.repository }}:{{ .Values.image.tag }}',
    ),
  };
  for (const application of everyApplication(line)) {
    files[`env/${application}.yaml`] = `image:\n  tag: ${tag}   # K8sTA writes this value\nreplicas: 1\n`;
  }
  return files;
}

function chartSource({ track }: Line, name: string): Pick<ApplicationSpec, 'path' | 'helm'> {
  return { path: `charts/${track}`, helm: { valueFiles: [`../../env/${name}.yaml`] } };
}

function deployment(name: string, image: string): string {
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    `metadata: {name: ${name}}`,
    'spec:',
    `  selector: {matchLabels: {app: ${name}}}`,
    '  template:',
    `    metadata: {labels: {app: ${name}}}`,
    `    spec: {containers: [{name: ${name}, image: "${image}"}]}`,
    '',
  ].join('\n');
}

/** The lines of the tracks file. */
function tracksOf(line: Line, deadline: string): string[] {
  const { track, image, order, stations, keys = {}, deadlines = {}, branches = {} } = line;
  const station = ([name, applications]: [string, readonly string[]]) =>
    `  - {name: ${name}, deadline: ${deadlines[name] ?? deadline}, ${keys[name] ? `${keys[name]}, ` : ''}applications: [${applications.join(', ')}]}`;
  const names = Object.keys(branches);
  return [
    `- name: ${track}`,
    '  images:',
    `  - repository: ${image}`,
    ...(order ? [`  order: ${order}`] : []),
    '  stations:',
    ...Object.entries(stations).map(station),
    ...(names.length > 0 ? [`  - {name: world, tracks: [${names.join(', ')}]}`] : []),
    ...Object.entries(branches).flatMap(([name, of]) => [
      `- name: ${name}`,
      '  stations:',
      ...Object.entries(of).map(station),
    ]),
  ];
}
