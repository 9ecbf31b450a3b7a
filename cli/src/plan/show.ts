import { stripVTControlCharacters } from 'node:util';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { ApplicationAnswer, PlanAnswer, StationAnswer, TrackAnswer } from './answer.js';

/** The plan for people: for each Station what becomes of its Applications, and a unified diff that `git apply` takes. */
export function showPlan(answer: PlanAnswer): string {
  const stations = answer.tracks.flatMap((each) => each.stations);
  const possible = stations.filter(({ reason }) => reason === undefined).length;
  const summary = `${possible} of ${stations.length} Stations could be promoted\n`;
  return `${answer.tracks.map(showTrack).join('')}${stations.length > 0 ? summary : ''}`;
}

function showTrack({ message, stations, track }: TrackAnswer): string {
  if (message !== undefined) return `${message}\n`;
  return stations.map((station) => `${showStation(track, station)}\n`).join('');
}

function showStation(track: string, { station, message, applications, files }: StationAnswer): string {
  // Refused for what is not one of its Applications.
  const whole = message !== undefined && applications.every(({ outcome }) => outcome !== 'refused');
  return [
    `${track}: ${station}: ${message === undefined ? summaryOf(applications) : 'refused'}`,
    ...(whole ? [`  ${clean(message)}`] : []),
    ...applications.map(showApplication),
    ...files.map(({ repository, path, before, after }) => {
      const names = [`a/${path}`, `b/${path}`] as const;
      const patch = createTwoFilesPatch(...names, before, after, repository, repository, {
        context: 3,
        headerOptions: FILE_HEADERS_ONLY,
      });
      return clean(patch).trimEnd();
    }),
    '',
  ].join('\n');
}

function summaryOf(applications: readonly ApplicationAnswer[]): string {
  return applications.some(({ outcome }) => outcome === 'edited') ? 'would be committed' : 'has the image already';
}

function showApplication({ application, outcome, reason, message }: ApplicationAnswer): string {
  // Most messages begin with the Application.
  const said = message?.startsWith(`${application}: `) ? message.slice(application.length + 2) : message;
  const why = [reason, said].filter((each) => each !== undefined).join(': ');
  return `  ${application}: ${outcome}${why === '' ? '' : `: ${clean(why)}`}`;
}

/** Files may hold what a terminal would obey. */
function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\uFFFD');
}
