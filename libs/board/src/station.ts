import { type ApplicationRef, applicationKey, type DataOf, parseImage } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { imagesOf, isJunction, type Station, selects, type Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';
import type { Item, Row, Tone } from './row.js';
import { pad } from './width.js';

type Observed = DataOf<'application.observed'>;

/** One Station: which of the Track's images run there, and the condition of its Applications. */
export function stationRow(facts: Facts, track: Track, station: Station, widths: { name: number; image: number }): Row {
  const items = stationItems(facts, station);
  return {
    spans: [
      { text: `  ● ${pad(station.name, widths.name)}  ` },
      { text: `${pad(presentImages(facts, track, station), widths.image)}  `, tone: 'strong' },
    ],
    items,
    trouble: items.some(({ trouble }) => trouble),
  };
}

/** The Station's Applications, those in trouble first; of a junction, the Tracks that it opens Tickets on. */
export function stationItems(facts: Facts, station: Station): Item[] {
  if (isJunction(station)) {
    return station.tracks.map((track) => ({ spans: [{ text: `→ ${track}`, tone: 'quiet' }], trouble: false }));
  }
  const items = membersOf(facts, station).map((application) => applicationItem(facts, application));
  return [...items.filter(({ trouble }) => trouble), ...items.filter(({ trouble }) => !trouble)];
}

/** The images of the Track's repositories that run at the Station, as Argo CD reports them. */
export function presentImages(facts: Facts, track: Track, station: Station): string {
  const repositories = new Set(imagesOf(track).map(({ repository }) => repository));
  const present = membersOf(facts, station)
    .flatMap((application) => facts.applications.get(applicationKey(application))?.images ?? [])
    .flatMap((image) => {
      const { repository, tag, digest } = readImage(image);
      return repository && repositories.has(repository) ? [imageName(track, repository, tag ?? digest ?? '')] : [];
    });
  return sanitizeLine([...new Set(present)].sort().join(', ')) || '-';
}

/** The Applications that the Station names, or those with the labels that it selects. */
function membersOf({ applications }: Facts, station: Station): readonly ApplicationRef[] {
  if (!station.matchLabels) return station.applications;
  const seen = [...applications.values()].filter((application) => application !== undefined);
  return seen.filter(({ labels }) => selects(station, labels));
}

/** Only the tag if the Track has one repository, or else with the last part of the repository. */
export function imageName(track: Track, repository: string, tag: string): string {
  return imagesOf(track).length === 1 ? tag : `${repository.slice(repository.lastIndexOf('/') + 1)}:${tag}`;
}

function readImage(image: string): Partial<ReturnType<typeof parseImage>> {
  try {
    return parseImage(image);
  } catch {
    return {};
  }
}

function applicationItem({ applications }: Facts, application: ApplicationRef): Item {
  const key = applicationKey(application);
  const observed = applications.get(key);
  if (!observed) {
    const text = `? ${application.name} ${applications.has(key) ? 'is gone' : 'not seen'}`;
    return { spans: [{ text, tone: 'bad' }], trouble: true };
  }
  const { sign, tone, words } = conditionOf(observed);
  const text = ` ${application.name}${words && ` ${sanitizeLine(words)}`}`;
  return { spans: [{ text: sign, tone }, { text }], trouble: tone === 'bad' };
}

function conditionOf({ sync, health, operationPending }: Observed): { sign: string; tone: Tone; words: string } {
  if (health.status === 'Degraded' || health.status === 'Missing')
    return { sign: '✗', tone: 'bad', words: health.status };
  if (operationPending) return { sign: '…', tone: 'busy', words: 'syncing' };
  if (sync.status !== 'Synced') return { sign: '…', tone: 'busy', words: sync.status };
  if (health.status !== 'Healthy') return { sign: '…', tone: 'busy', words: health.status };
  return { sign: '✓', tone: 'good', words: '' };
}
