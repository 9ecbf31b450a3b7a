import { useEffect, useRef, useState } from 'preact/hooks';
import { randomId } from '../data/random-id';
import { say } from '../data/say';

/** A word that a person can say. */
export interface Offer {
  readonly verb: string;
  /** On the button. */
  readonly label: string;
  /** What it does, in the dialog. */
  readonly title: string;
  readonly word: Readonly<Record<string, string>>;
  /** The Stations to choose from; an empty name is the whole Track. */
  readonly stations?: readonly string[];
  /** Asks for an image, beginning with this text. */
  readonly image?: string;
  readonly needsReason?: boolean;
}

/** Asks for the reason, and says the word. The id makes a repetition of the request harmless; a changed word has another one. */
export function WordDialog({ offer, onClose }: { offer: Offer; onClose: () => void }) {
  const { verb, title, label, word } = offer;
  const dialog = useRef<HTMLDialogElement>(null);
  const [id, setId] = useState(randomId);
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const given = [...fields].map(([key, value]) => [key, String(value).trim()]).filter(([, value]) => value !== '');
    setBusy(true);
    try {
      await say(verb, { ...word, ...Object.fromEntries(given), id });
      dialog.current?.close();
    } catch (error) {
      setFault((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="word-title">
      <form onSubmit={submit} onInput={() => setId(randomId())}>
        <h2 id="word-title">{title}</h2>
        <Fields offer={offer} />
        {fault && (
          <p class="fault" role="alert">
            {fault}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="main" disabled={isBusy}>
            {label}
          </button>
          <button type="button" onClick={() => dialog.current?.close()}>
            Back
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** What the word needs: an image, a Station, the reason. */
function Fields({ offer: { image, stations, needsReason = false } }: { offer: Offer }) {
  return (
    <>
      {image !== undefined && (
        <label>
          Image
          <input name="image" defaultValue={image} required maxLength={800} />
        </label>
      )}
      {stations && (
        <label>
          Station
          <select name="station">
            {stations.map((station) => (
              <option key={station} value={station}>
                {station || 'the whole Track'}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        {needsReason ? 'Why' : 'Why (optional)'}
        <textarea name="message" rows={3} maxLength={1000} required={needsReason} />
      </label>
    </>
  );
}
