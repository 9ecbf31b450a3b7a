import { useTitle } from '../data/title';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <>
      <h1>Not found</h1>
      <p class="empty">
        There is no page here. <a href="/">See all Tracks.</a>
      </p>
    </>
  );
}

/** What a page shows instead of what it does not have, or not yet. */
export function Missing({ what, fault }: { what: string; fault: string | undefined }) {
  return (
    <>
      <h1>{what}</h1>
      <p class="empty" role={fault ? 'alert' : undefined}>
        {fault ?? 'Loading…'}
      </p>
    </>
  );
}
