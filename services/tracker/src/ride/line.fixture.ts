import { anApplication, aTrack, sha, TestTrack } from './ride.fixture.js';

export const old = sha('0');

/** A Track of three Stations, the middle one with two Applications, whose Applications have all been seen. */
export function aLine(): TestTrack {
  const line = new TestTrack(aTrack({ dev: ['dev'], stage: ['stage-eu', 'stage-us'], prod: ['prod'] }));
  line.observe(...['dev', 'stage-eu', 'stage-us', 'prod'].map((name) => anApplication(name, old)));
  line.current();
  return line;
}

/** Argo CD has synced the commit and the promoter says that it has. */
export function arrive(line: TestTrack, tag: string, applications: string[], commit: string) {
  return applications.flatMap((name) => [
    ...line.observe(anApplication(name, commit)),
    ...line.answer(tag, name, commit, { relation: 'same', namesImage: true }),
  ]);
}
