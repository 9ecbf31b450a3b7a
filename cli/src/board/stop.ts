import { type ApplicationRef, applicationKey, type DataOf, oneLine, parseImage } from '@k8sta/contracts';
import { type Station, selects, type Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';
import type { Span } from './line.js';

type Observed = DataOf<'application.observed'>;

/** One Station: what runs there now, and how its Applications are. */
export function drawStop(
  facts: Facts,
  track: Track,
  station: Station,
  widths: { name: number; image: number },
): Span[] {
  const applications = membersOf(facts, station).map((application) => drawApplication(facts, application));
  return [
    { text: `${station.name.padEnd(widths.name)}  ` },
    { text: `${presentImages(facts, track, station).padEnd(widths.image)}  `, colour: 'bold' },
    ...applications.flatMap((spans, at) => (at === 0 ? spans : [{ text: '  ' }, ...spans])),
  ];
}

/** The images of the Track's repositories that run at the Station, as Argo CD reports them. */
export function presentImages(facts: Facts, track: Track, station: Station): string {
  const repositories = new Set(track.images.map(({ repository }) => repository));
  const present = membersOf(facts, station)
    .flatMap((application) => facts.applications.get(applicationKey(application))?.images ?? [])
    .flatMap((image) => {
      const { repository, tag, digest } = readImage(image);
      return repository && repositories.has(repository) ? [imageName(track, repository, tag ?? digest ?? '')] : [];
    });
  return oneLine([...new Set(present)].sort().join(', ')) || '-';
}

/** The Applications that the Station names, or those that carry the labels it selects by. */
function membersOf({ applications }: Facts, station: Station): readonly ApplicationRef[] {
  if (!station.matchLabels) return station.applications;
  const seen = [...applications.values()].filter((application) => application !== undefined);
  return seen.filter(({ labels }) => selects(station, labels));
}

/** The tag alone where the Track carries one repository, else with the repository's last name. */
export function imageName(track: Track, repository: string, tag: string): string {
  return track.images.length === 1 ? tag : `${repository.slice(repository.lastIndexOf('/') + 1)}:${tag}`;
}

function readImage(image: string): Partial<ReturnType<typeof parseImage>> {
  try {
    return parseImage(image);
  } catch {
    return {};
  }
}

function drawApplication({ applications }: Facts, application: { namespace: string; name: string }): Span[] {
  const key = applicationKey(application);
  const observed = applications.get(key);
  if (!observed)
    return [{ text: `? ${application.name} ${applications.has(key) ? 'is gone' : 'not seen'}`, colour: 'red' }];
  const { sign, colour, words } = condition(observed);
  return [{ text: sign, colour }, { text: ` ${application.name}${words && ` ${oneLine(words)}`}` }];
}

function condition({ sync, health, operationPending }: Observed): {
  sign: string;
  colour: 'green' | 'yellow' | 'red';
  words: string;
} {
  if (health.status === 'Degraded' || health.status === 'Missing')
    return { sign: '✗', colour: 'red', words: health.status };
  if (operationPending) return { sign: '…', colour: 'yellow', words: 'syncing' };
  if (sync.status !== 'Synced') return { sign: '…', colour: 'yellow', words: sync.status };
  if (health.status !== 'Healthy') return { sign: '…', colour: 'yellow', words: health.status };
  return { sign: '✓', colour: 'green', words: '' };
}
