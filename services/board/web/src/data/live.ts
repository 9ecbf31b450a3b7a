import type { TrackModel } from '@k8sta/board/browser';
import { useEffect, useState } from 'preact/hooks';
import { newsOf } from './news';

/** What the server sends: the whole board at first, and then what has changed. */
interface BoardMessage {
  readonly now: number;
  readonly complete: boolean;
  readonly tracks: readonly TrackModel[];
  readonly meta?: Meta;
}

interface Meta {
  readonly lastWord: number;
  readonly disconnectedSince?: string;
}

export interface Live {
  /** `opening` until the first message; `lost` while the browser tries to connect again. */
  readonly connection: 'opening' | 'live' | 'lost';
  /** By name, in the order of the tracks files. */
  readonly tracks: ReadonlyMap<string, TrackModel>;
  readonly meta: Meta;
  /** What somebody who listens to the page should hear; the newest, and the time of the server. */
  readonly news: { readonly at: number; readonly text: string };
}

let live: Live = { connection: 'opening', tracks: new Map(), meta: { lastWord: 0 }, news: { at: 0, text: '' } };
const listeners = new Set<() => void>();
/** How far the clock of the server is ahead of ours, in milliseconds. */
let aheadMs = 0;

export function serverNow(): Date {
  return new Date(Date.now() + aheadMs);
}

function change(next: Partial<Live>): void {
  live = { ...live, ...next };
  for (const listener of listeners) listener();
}

function take({ now, complete, tracks, meta }: BoardMessage): void {
  aheadMs = now - Date.now();
  const next = new Map(complete ? [] : live.tracks);
  for (const track of tracks) next.set(track.name, track);
  const text = complete ? '' : newsOf(live.tracks, tracks);
  change({ connection: 'live', tracks: next, ...(meta && { meta }), ...(text && { news: { at: now, text } }) });
}

/** How long to wait where the browser itself gives up: the server refused the stream. */
const againMs = 5_000;
/** The server says every 15 s that it is there. A browser may take minutes to notice that a connection leads nowhere. */
const silentMs = 45_000;

function connect(): void {
  const source = new EventSource('/api/events');
  let silence: ReturnType<typeof setTimeout> | undefined;
  const closeAfterSilence = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      source.close();
      change({ connection: 'lost' });
      connect();
    }, silentMs);
  };
  closeAfterSilence();
  for (const event of ['board', 'beat']) source.addEventListener(event, closeAfterSilence);
  source.addEventListener('board', ({ data }) => take(JSON.parse(data)));
  source.addEventListener('error', () => {
    change({ connection: 'lost' });
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(silence);
    setTimeout(connect, againMs);
  });
}

let isConnected = false;

/** A part of the live board. The component is drawn again only if that part is another object. */
export function useLive<T>(select: (live: Live) => T): T {
  const [value, setValue] = useState(() => select(live));
  useEffect(() => {
    if (!isConnected) connect();
    isConnected = true;
    const look = () => setValue(() => select(live));
    look();
    listeners.add(look);
    return () => void listeners.delete(look);
  }, [select]);
  return value;
}
