import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { LiveBoard } from './live-board.js';

/** Keeps proxies from closing a quiet stream, and shows the page that it is not cut off. */
const heartbeatMs = 15_000;
/** How long a viewer may take to read what was sent. */
const stalledMs = 60_000;
/** After how many milliseconds a browser reconnects. */
const retryMs = 2_000;

/** The versions of another process mean nothing here. */
const boot = randomBytes(6).toString('hex');

/** The open pages of this replica. */
export class Viewers {
  readonly #board: LiveBoard;
  readonly #most: number;
  readonly #open = new Set<ServerResponse>();
  readonly #onNumber: (number: number) => void;
  readonly #longestMs: number | undefined;

  /** A stream ends after `longestMs`; undefined for no end. The browser connects again, and has to show who asks. */
  constructor(board: LiveBoard, most: number, onNumber: (number: number) => void = () => {}, longestMs?: number) {
    this.#board = board;
    this.#most = most;
    this.#onNumber = onNumber;
    this.#longestMs = longestMs;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#most;
  }

  /**
   * Sends the whole board, or what is newer than this `Last-Event-ID`, also if that is nothing, and then each change. What a
   * viewer has not read yet is sent once, in its newest form: nothing queues up for a slow viewer, and one who reads nothing is
   * cut off.
   */
  open(response: ServerResponse, lastEventId: string | undefined): void {
    // The page closed while the board looked who it is: no later event would end its stream.
    if (response.destroyed) return;
    const known = versionOf(lastEventId, this.#board.version);
    let sent = known ?? 0;
    let isFirst = true;
    let isBlocked = false;
    let stalled: NodeJS.Timeout | undefined;
    const write = (text: string) => {
      if (response.writableEnded || response.write(text)) return;
      isBlocked = true;
      stalled ??= setTimeout(() => response.destroy(), stalledMs);
    };
    const send = () => {
      const { version, tracks, meta } = this.#board.since(sent);
      if (isBlocked || (version === sent && !isFirst)) return;
      const parts = [
        `"now":${Date.now()}`,
        `"complete":${isFirst && known === undefined}`,
        `"tracks":[${tracks.join(',')}]`,
        ...(meta === undefined ? [] : [`"meta":${meta}`]),
      ];
      sent = version;
      isFirst = false;
      write(`id: ${boot}-${version}\nevent: board\ndata: {${parts.join(',')}}\n\n`);
    };
    response.on('drain', () => {
      clearTimeout(stalled);
      stalled = undefined;
      isBlocked = false;
      send();
    });
    const beat = setInterval(() => {
      if (!isBlocked) write('event: beat\ndata: still here\n\n');
    }, heartbeatMs);
    const end = this.#longestMs === undefined ? undefined : setTimeout(() => response.end(), this.#longestMs);
    const close = this.#board.onChange(send);
    this.#open.add(response);
    this.#onNumber(this.#open.size);
    response.on('close', () => {
      close();
      clearInterval(beat);
      clearTimeout(end);
      clearTimeout(stalled);
      this.#open.delete(response);
      this.#onNumber(this.#open.size);
    });
    write(`retry: ${retryMs}\n\n`);
    send();
  }

  /** Ends every stream; the browsers reconnect to another replica. */
  close(): void {
    for (const response of this.#open) response.end();
  }
}

/** The version in a `Last-Event-ID` of this process; undefined if the viewer needs everything. */
function versionOf(lastEventId: string | undefined, newest: number): number | undefined {
  const [, from, version] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
  if (from !== boot || version === undefined || Number(version) > newest) return undefined;
  return Number(version);
}
