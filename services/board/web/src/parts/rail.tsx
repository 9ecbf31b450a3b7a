import { type StationModel, type TicketModel, type TrackModel, ticketLooks } from '@k8sta/board/browser';

/** How many trains fit beside a Station. */
const mostTrains = 3;

/** The Track as a railway line: its Stations with what runs there, and the trains where they are. */
export function Rail({ track }: { track: TrackModel }) {
  const { name, stations, open } = track;
  const entering = (station: string) => open.filter((ticket) => ticket.station === station && ticket.is !== 'waiting');
  const at = (station: string) => open.filter((ticket) => ticket.station === station && ticket.is === 'waiting');
  const before = open.filter((ticket) => ticket.station === undefined);
  return (
    <ol class="rail" aria-label={`Stations of ${name}`}>
      {stations.map((station, index) => (
        <li key={station.name} class={`stop ${conditionOf(station)}`}>
          <span class="approach">
            <Trains track={name} tickets={[...(index === 0 ? before : []), ...entering(station.name)]} />
          </span>
          <span class="dot" aria-hidden="true" />
          <span class="here">
            <Trains track={name} tickets={at(station.name)} />
          </span>
          <Stop station={station} />
        </li>
      ))}
    </ol>
  );
}

function Stop({ station: { name, images, applications, tracks, pause } }: { station: StationModel }) {
  const wrong = applications.filter(({ condition }) => condition !== 'good');
  return (
    <span class="sign">
      <span class="name">{name}</span>
      {tracks.length > 0 ? (
        <span class="image quiet">to {tracks.join(', ')}</span>
      ) : (
        <span class="image">{images.join(', ') || '–'}</span>
      )}
      {pause && <span class="badge busy">paused</span>}
      {wrong.slice(0, 2).map((application) => (
        <span
          key={`${application.namespace}/${application.name}`}
          class={`condition ${application.condition}`}
          title={application.name}
        >
          {application.name} {application.words}
        </span>
      ))}
      {wrong.length > 2 && <span class="condition">+{wrong.length - 2} more</span>}
    </span>
  );
}

function Trains({ track, tickets }: { track: string; tickets: readonly TicketModel[] }) {
  if (tickets.length === 0) return null;
  return (
    <>
      {tickets.slice(0, mostTrains).map((ticket) => (
        <a
          key={ticket.id}
          class={`train ${ticket.is}`}
          href={`/tracks/${track}/tickets/${ticket.id}`}
          aria-label={`${ticket.image}, ${ticketLooks[ticket.is].verb}`}
        >
          {ticket.image}
        </a>
      ))}
      {tickets.length > mostTrains && <span class="train more">+{tickets.length - mostTrains}</span>}
    </>
  );
}

function conditionOf({ applications, trouble, tracks }: StationModel): string {
  if (trouble) return 'bad';
  if (tracks.length > 0) return 'junction';
  if (applications.length === 0) return 'unknown';
  return applications.some(({ condition }) => condition === 'busy') ? 'busy' : 'good';
}
