/** What would become of one Application. `held`: another one of its Station is refused. */
export interface ApplicationAnswer {
  readonly application: string;
  readonly outcome: 'edited' | 'unchanged' | 'skipped' | 'refused' | 'held';
  readonly reason?: string;
  readonly message?: string;
}

/** A file before and after the commit, whole. */
export interface FileAnswer {
  readonly repository: string;
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What a promotion into one Station would do. A reason and a message say why it is refused, as a whole. */
export interface StationAnswer {
  readonly station: string;
  readonly reason?: string;
  readonly message?: string;
  readonly applications: readonly ApplicationAnswer[];
  readonly files: readonly FileAnswer[];
}

/** What the image would do on one Track. A reason and a message say why it does not ride it. */
export interface TrackAnswer {
  readonly track: string;
  readonly reason?: string;
  readonly message?: string;
  readonly stations: readonly StationAnswer[];
}

/** The answer of `k8sta plan`, which `-o json` prints. */
export interface PlanAnswer {
  readonly tracks: readonly TrackAnswer[];
}

/** Whether every Station could be promoted. */
export function isPossible({ tracks }: PlanAnswer): boolean {
  return tracks.every(({ reason, stations }) => reason === undefined && stations.every((each) => !each.reason));
}
