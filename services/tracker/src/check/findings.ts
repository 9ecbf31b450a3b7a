import { posix } from 'node:path';
import { membersOf } from '@k8sta/applications';
import { applicationKey, type DataOf, type gitInspection, type Ticket, tryParseImage } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { globMatcher } from '@k8sta/text/glob';
import { imagesOf, isJunction, type Station, selects, type Track } from '@k8sta/tracks';
import type { z } from 'zod';
import type { Observation } from '../observation.js';
import { planPromotion } from '../ride/plan-promotion.js';
import type { Moment } from '../ride/policy.js';
import type { TrackState } from '../ride/state.js';

export type Finding = DataOf<'track.checked'>['findings'][number];
type Request = z.infer<typeof gitInspection.request>;
export type Reply = z.infer<typeof gitInspection.reply>;

/** The question to the promoter about one part of a Station, for one of the Track's images. */
export interface Inspection {
  readonly station: string;
  readonly request: Request;
}

/** The refusals that hold a Station: a Ticket would reach another Station, or pass this one without its image. */
const holding: readonly Finding['reason'][] = ['SharedFile', 'ImageNotNamed', 'OverriddenInApplication'];

/** A placeholder for planning: the Track is inspected before there is a Ticket. */
const inspected = { ticket: 'inspection', tag: '0.0.0-inspection' };

/**
 * The questions to the promoter about the Track, and the problems that are known without asking. A promotion is planned as
 * for a Ticket, for each Station and each image.
 */
export function inspect(
  track: Track,
  state: TrackState,
  moment: Pick<Moment, 'now' | 'sourcesOf' | 'maxPayload'>,
  tracks: readonly Track[] = [track],
): { inspections: Inspection[]; findings: Finding[] } {
  const inspections: Inspection[] = [];
  const findings: Finding[] = [];
  const rivals = rivalStations(track, tracks);
  for (const station of track.stations) {
    if (isJunction(station)) continue;
    findings.push(
      ...membersOf(state.observations, station).flatMap((each) => {
        const observation = state.observations[applicationKey(each)];
        return [...ofApplication(station, observation), ...onTwoStations(track, station, observation, rivals)];
      }),
    );
    for (const { repository } of imagesOf(track)) {
      const ticket = ticketOf(track, repository, moment.now);
      const planned = planPromotion(track, state, station, ticket, moment, 0);
      if ('blocked' in planned) {
        findings.push({ station: station.name, reason: 'NotReady', message: planned.blocked.message, holds: false });
        // The finding is the same for every image.
        break;
      }
      for (const { repository: address, branch, applications, protectedSources } of planned.requests) {
        const request = { repository: address, ...(branch ? { branch } : {}), applications, protectedSources };
        inspections.push({ station: station.name, request });
      }
    }
  }
  return { inspections, findings };
}

/**
 * The findings of the promoter's answer. A finding holds the Station if a Ticket could deploy to another Station, or pass
 * this one without running its image; other findings are only reported.
 */
export function findingsOf({ station }: Inspection, reply: Reply, state: TrackState): Finding[] {
  if (reply.is === 'unknown') {
    return [
      {
        station,
        reason: 'NotInspected',
        message: reply.message ?? 'the promoter does not answer; is it running?',
        holds: false,
      },
    ];
  }
  if (reply.is === 'refused') {
    const reason = reply.reason ?? 'NotInspected';
    return [{ station, reason, message: reply.message ?? reason, holds: holding.includes(reason) }];
  }
  return (reply.applications ?? []).flatMap(({ namespace, name, file: first, alsoIn = [] }): Finding[] => {
    const key = applicationKey({ namespace, name });
    const { manifestGeneratePaths: paths, sources = [] } = state.observations[key]?.observed ?? {};
    if (paths === undefined || first === undefined) return [];
    const isCovered = (file: string) => sources.some(({ path }) => covers(paths, path ?? '.', file));
    const file = [first, ...alsoIn.map((place) => place.file)].find((each) => !isCovered(each));
    if (file === undefined) return [];
    const message = `${key}: manifest-generate-paths "${sanitizeLine(paths, 200)}" leave out ${file}, so that Argo CD would take our commits for no change`;
    return [{ station, application: { namespace, name }, reason: 'PathsNotCovered', message, holds: true }];
  });
}

/** The inputs of a check: equal fingerprints give equal findings. */
export function fingerprint(state: TrackState): string {
  return JSON.stringify(
    Object.entries(state.observations)
      .map(([key, { gone, observed }]) => {
        const { sources, labels, autoSync, frozen, manifestGeneratePaths } = observed;
        // Without their tags, which every promotion changes.
        const runs = [...new Set(observed.images.map((each) => tryParseImage(each)?.repository))].sort();
        return [key, gone, sources, labels, autoSync, frozen, manifestGeneratePaths, runs];
      })
      .sort(),
  );
}

interface Rival {
  readonly of: Track;
  readonly its: Station;
}

/** The Stations that one of the Track's images reaches, on this Track and on others. */
function rivalStations(track: Track, tracks: readonly Track[]): Rival[] {
  const repositories = new Set(imagesOf(track).map(({ repository }) => repository));
  return tracks
    .filter((other) => imagesOf(other).some(({ repository }) => repositories.has(repository)))
    .flatMap((other) => other.stations.map((its) => ({ of: other, its })));
}

/** `tracks check` cannot find this for selectors: it is known only once the Applications are observed. */
function onTwoStations(
  track: Track,
  station: Station,
  observation: Observation | undefined,
  rivals: readonly Rival[],
): Finding[] {
  if (!observation || observation.gone) return [];
  const { namespace, name, labels } = observation.observed;
  const key = applicationKey({ namespace, name });
  const first = rivals
    .filter(({ of, its }) => of.name !== track.name || its.name !== station.name)
    .find(({ its }) => selects(its, labels) || its.applications.some((each) => applicationKey(each) === key));
  if (!first) return [];
  const where = `Station ${first.its.name} of Track ${first.of.name}`;
  const message = `${key}: ${where} has this Application too, for the same image repository`;
  return [{ station: station.name, application: { namespace, name }, reason: 'OnTwoStations', message, holds: true }];
}

function ofApplication({ name: station }: Station, observation: Observation | undefined): Finding[] {
  if (!observation || observation.gone) return [];
  const { namespace, name, autoSync, frozen } = observation.observed;
  const application = { namespace, name };
  const key = applicationKey(application);
  const found = (reason: Finding['reason'], message: string): Finding[] => [
    { station, application, reason, message, holds: false },
  ];
  return [
    ...(autoSync ? [] : found('AutoSyncOff', `${key}: auto-sync is off; nothing arrives until somebody syncs it`)),
    ...(frozen ? found('Frozen', `${key}: the annotation skip-reconcile keeps Argo CD from looking at it`) : []),
  ];
}

/**
 * Whether a change of the file makes Argo CD compare: the annotation's paths, separated by ";", are relative to the source's
 * path, or to the repository if they begin with "/"; each is a directory, a file or a glob
 * (docs/operator-manual/high_availability.md of argo-cd).
 */
export function covers(annotation: string, path: string, file: string): boolean {
  const given = annotation.split(';').filter((each) => each.trim() !== '');
  // Without the annotation, every change counts.
  if (given.length === 0) return true;
  return given.some((each) => {
    const directory = posix.resolve('/', path, each.trim());
    return `/${file}`.startsWith(directory === '/' ? '/' : `${directory}/`) || globMatcher(directory)(`/${file}`);
  });
}

function ticketOf(track: Track, repository: string, now: Date): Ticket {
  const at = now.toISOString();
  const [first] = track.stations;
  return {
    ...{ id: inspected.ticket, track: track.name, image: { repository, tag: inspected.tag } },
    ...{ sender: 'inspection', pushedAt: at, receivedAt: at, openedAt: at, sequence: 0, stations: [] },
    state: { is: 'waiting', next: first?.name ?? '', on: 'block', reason: 'Opened', message: '', since: at },
  };
}
