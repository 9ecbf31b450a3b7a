import { useFetched } from '../data/fetched';
import { type Live, useLive } from '../data/live';
import { useTitle } from '../data/title';
import { At } from '../parts/age';

interface Word {
  readonly sequence: number;
  readonly track: string;
  readonly verb: string;
  readonly by: string;
  readonly message?: string;
  readonly at: string;
  readonly ticket?: string;
  readonly station?: string;
  readonly image?: { readonly repository: string; readonly tag: string };
}

const lastWordOf = (live: Live) => live.meta.lastWord;

/** Every word that an operator has said, the newest first. */
export function WordsPage() {
  useTitle('Log');
  const { value, fault } = useFetched<{ words: Word[]; more: number }>('/api/words', useLive(lastWordOf));
  return (
    <>
      <h1>What operators said</h1>
      {fault && (
        <p class="empty" role="alert">
          {fault}
        </p>
      )}
      {value?.words.length === 0 && <p class="empty">No operator has said anything yet.</p>}
      <ol class="words">
        {value?.words.map((word) => (
          <li key={word.sequence}>
            <At at={word.at} />
            <span>
              <strong>{word.by}</strong> {word.verb} <Target word={word} />
            </span>
            {word.message && <span class="why">{word.message}</span>}
          </li>
        ))}
      </ol>
      {value && value.more > 0 && <p class="quiet">and {value.more} older words</p>}
    </>
  );
}

function Target({ word: { track, ticket, station, image } }: { word: Word }) {
  return (
    <>
      {image && <code>{image.tag}</code>}{' '}
      {ticket && <a href={`/tracks/${track}/tickets/${ticket}`}>Ticket {ticket.slice(0, 8)}</a>} on{' '}
      <a href={`/tracks/${track}`}>{track}</a>
      {station && ` · ${station}`}
    </>
  );
}
