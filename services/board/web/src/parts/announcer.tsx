import { type Live, useLive } from '../data/live';

const newsOf = (live: Live) => live.news;

/** Says politely what has happened to those who listen to the page; a new element, so that the same is said again. */
export function Announcer() {
  const { at, text } = useLive(newsOf);
  return (
    <p class="unseen" aria-live="polite">
      <span key={at}>{text}</span>
    </p>
  );
}
