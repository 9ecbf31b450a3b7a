import type { TrackModel } from '@k8sta/board';

export interface BoardMessage {
  readonly id: string;
  readonly complete: boolean;
  readonly tracks: readonly TrackModel[];
  readonly meta?: { readonly lastWord: number; readonly disconnectedSince?: string };
}

/** The stream of a board, message by message. */
export async function openStream(url: string, lastEventId?: string) {
  const ending = new AbortController();
  const headers = { ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  const { body } = await fetch(`${url}/api/events`, { headers, signal: ending.signal });
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async next(): Promise<BoardMessage> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end >= 0) {
          const block = text.slice(0, end);
          text = text.slice(end + 2);
          const [, id, data] = /^id: (.*)\nevent: board\ndata: (.*)$/.exec(block) ?? [];
          if (id && data) return { id, ...JSON.parse(data) };
          continue;
        }
        const chunk = await reader?.read();
        if (!chunk || chunk.done) throw new Error('the stream has ended');
        text += chunk.value;
      }
    },
    close: () => ending.abort(),
  };
}
