import { conditionLooks, type TrackModel } from '@k8sta/board/browser';
import { External } from './external';

/** The Applications of each Station, with Argo CD's pages where they are known. */
export function Applications({ track, links }: { track: TrackModel; links: Readonly<Record<string, string>> }) {
  return (
    <section>
      <h2 id="applications">Applications</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-labelledby="applications">
        <table>
          <thead>
            <tr>
              <th scope="col">Station</th>
              <th scope="col">Application</th>
              <th scope="col">Condition</th>
            </tr>
          </thead>
          <tbody>
            {track.stations.flatMap((station) =>
              station.applications.map(({ namespace, name, condition, words }) => {
                const { sign, tone } = conditionLooks[condition];
                return (
                  <tr key={`${station.name}/${namespace}/${name}`}>
                    <td>{station.name}</td>
                    <td>
                      <External href={links[`${namespace}/${name}`]}>{name}</External>
                    </td>
                    <td class={tone}>
                      <span aria-hidden="true">{sign} </span>
                      {words || 'Healthy'}
                    </td>
                  </tr>
                );
              }),
            )}
          </tbody>
        </table>
      </section>
    </section>
  );
}
