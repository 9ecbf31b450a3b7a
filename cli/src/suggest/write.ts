import { applicationKey } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { stringify } from 'yaml';
import type { Placed } from './place.js';
import type { SuggestedStation, SuggestedTrack, Suggestion } from './suggest.js';

/** The tracks file that is proposed, with a comment on every guess. */
export function writeTracksFile({ tracks, leftOut, isChosen }: Suggestion): string {
  return [
    '# Proposed by "k8sta tracks suggest" from what runs. Read it before you use it: a comment says what is a guess.',
    'tracks:',
    ...tracks.flatMap(trackLines),
    ...(leftOut.length > 0 ? [`# Without a Track${isChosen ? '' : '; propose one with --image'}:`] : []),
    ...leftOut.map(({ repository, why }) => `# - ${repository}: ${why}`),
    '',
  ].join('\n');
}

/** Why no Track is proposed. */
export function whyNothing({ leftOut, isChosen }: Suggestion): string {
  if (leftOut.length === 0) return 'no image runs in several environments\n';
  const head = `there is no Track to propose${isChosen ? '' : '; --image proposes one for an image of these'}:`;
  return [head, ...leftOut.map(({ repository, why }) => `  ${repository}: ${why}`), ''].join('\n');
}

function trackLines({ name, images, stations, unplaced }: SuggestedTrack): string[] {
  const keys = unplaced.map(applicationKey).join(', ');
  return [
    `- name: ${scalar(name)}`,
    '  images:',
    ...images.flatMap(imageLines),
    '  stations:',
    ...stations.flatMap(stationLines),
    ...(keys === '' ? [] : [`  # Left out, because nothing shows their environment: ${keys}.`]),
  ];
}

function imageLines({ repository, aliases, tags, running }: SuggestedTrack['images'][number]): string[] {
  const seen = running.length === 0 ? 'none' : sanitizeLine(running.join(', '), 100);
  return [
    `  - repository: ${scalar(repository)}`,
    ...(aliases.length === 0
      ? []
      : [
          '    # A guess: these run in place of it in other environments.',
          `    aliases: [${aliases.map(scalar).join(', ')}]`,
        ]),
    ...('rule' in tags
      ? [`    # A guess from the tags that run: ${seen}.`, `    tags: {${tags.is}: ${JSON.stringify(tags.rule)}}`]
      : []),
    ...(tags.is === 'unclear'
      ? [`    # Tags that run: ${seen}. Without "tags" only strict semver rides, so that you may need a rule here.`]
      : []),
  ];
}

function stationLines({ name, applications }: SuggestedStation): string[] {
  const guesses = applications.flatMap(({ application, shownBy }) =>
    shownBy === undefined
      ? []
      : [`  # A guess: the environment of ${nameOf(application)}, from ${sanitizeLine(shownBy, 100)}.`],
  );
  const several =
    '  # A guess: they are promoted together. Make them Stations of their own to promote one after another.';
  return [
    ...guesses,
    ...(applications.length > 1 ? [several] : []),
    `  - name: ${scalar(name)}`,
    `    applications: [${applications.map(({ application }) => scalar(nameOf(application))).join(', ')}]`,
  ];
}

function nameOf({ namespace, name }: Placed['application']): string {
  return namespace === 'argocd' ? name : `${namespace}/${name}`;
}

/** As a string to every parser: a Station may be called `1`, or `on`. */
function scalar(text: string): string {
  return stringify(text, { version: '1.1', lineWidth: 0 }).trimEnd();
}
