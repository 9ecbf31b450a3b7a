import type { Bus } from '@k8sta/bus';
import { applicationKey, type DataOf } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Change, Decision } from './ride/decide.js';
import type { Input } from './ride/event.js';
import { projectKey } from './ride/evidence.js';
import type { TrackState } from './ride/state.js';

/** Whether an Application of the Track belongs to this project. */
export function isOnTrack(state: TrackState, project: { readonly instance: string; readonly name: string }): boolean {
  return Object.values(state.observations).some(
    ({ observed }) => observed.instance === project.instance && observed.project === project.name,
  );
}

/**
 * A project reaches only the Tracks that have an Application of it. The returned function reads the last observation of a
 * Track's projects when an Application has joined one, and when this process sees the Track for the first time. It reads
 * after the save that it is called for: whatever is published later finds the Application on the Track.
 */
export function joinedProjects(
  bus: Pick<Bus, 'stored' | 'last'>,
  take: (track: Track, input: Input) => Promise<unknown>,
): (track: Track, decision: Pick<Decision, 'state' | 'history'>) => Promise<void> {
  const areRead = new Set<Track>();
  return async (track, { state, history }) => {
    if (areRead.has(track) && !history.some(joinsProject)) return;
    // First, because taking one of them is a step of the Track, which comes here as well.
    areRead.add(track);
    try {
      for (const [instance, name] of projectsOf(state)) {
        const data = await lastProject(bus, instance, name);
        if (data) await take(track, { type: 'project', data });
      }
    } catch (error) {
      // The next step of the Track reads them again.
      areRead.delete(track);
      throw error;
    }
  };
}

function joinsProject({ event, before }: Change): boolean {
  if (event.type !== 'observed') return false;
  const { instance, project } = event.observed;
  const known = before.observations[applicationKey(event.observed)]?.observed;
  return known?.instance !== instance || known.project !== project;
}

function projectsOf({ observations }: TrackState): Iterable<[instance: string, name: string]> {
  const projects = new Map<string, [string, string]>();
  for (const { observed } of Object.values(observations)) {
    projects.set(projectKey(observed.instance, observed.project), [observed.instance, observed.project]);
  }
  return projects.values();
}

async function lastProject(
  bus: Pick<Bus, 'stored' | 'last'>,
  instance: string,
  name: string,
): Promise<DataOf<'project.observed'> | undefined> {
  const [tokens] = await bus.stored('project.observed', { instance, name });
  return tokens && (await bus.last('project.observed', tokens))?.data;
}
