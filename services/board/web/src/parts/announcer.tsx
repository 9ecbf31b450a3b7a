import { type Live, useLive } from '../data/live';

const newsOf = (live: Live) => live.news;

/** Says politely what has happened to those who listen to the page. */
export function Announcer() {
  return (
    <p class="unseen" aria-live="polite">
      {useLive(newsOf)}
    </p>
  );
}
