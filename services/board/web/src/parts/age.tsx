import { age } from '@k8sta/board/browser';
import { useNow } from '../data/clock';

/** How long ago: `3m`. The exact time is its title. */
export function Age({ since }: { since: string }) {
  const now = useNow();
  return (
    <time dateTime={since} title={exact(since)}>
      {age(since, now)}
    </time>
  );
}

/** A moment to come: `in 4m`, or `now` if it is over. */
export function Until({ at }: { at: string }) {
  const now = useNow();
  const isOver = Date.parse(at) <= now.getTime();
  return (
    <time dateTime={at} title={exact(at)}>
      {isOver ? 'now' : `in ${age(now.toISOString(), new Date(at))}`}
    </time>
  );
}

/** The moment itself. */
export function At({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at}>
      {exact(at)}
    </time>
  );
}

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

function exact(at: string): string {
  return format.format(new Date(at));
}
