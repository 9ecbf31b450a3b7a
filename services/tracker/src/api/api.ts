import { type Bus, type Log, RequestFault } from '@k8sta/bus';
import { type ApiHandlers, type ApiReply, type ApiRequest, formatImage, type WordVerb } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { TrackStore } from '../store/track-store.js';
import { readsOf } from './reads.js';
import { isRefusal, type Refusal, refuse } from './refusal.js';
import { type Speech, type StoredWord, ticketOfWord, voiceOn } from './say.js';
import { speakerOf } from './speaker.js';
import { type FoundTicket, ticketsOf } from './tickets.js';
import { onItsWay, pause, promote, resume, retry, rollback, type Said, ticketWords } from './words.js';

export interface ApiOptions {
  readonly bus: Pick<Bus, 'publish' | 'last' | 'at'> & { readonly state: Pick<Bus['state'], 'get'> };
  readonly engine: Pick<Engine, 'tracks' | 'state' | 'isCurrent'>;
  readonly store: Pick<TrackStore, 'endedTickets'>;
  readonly log: Log;
  readonly now: () => Date;
}

type Reply = ApiReply<WordVerb>;
/** The fields that every request for a word has. */
type Asked = Pick<ApiRequest<'cancel'>, 'onBehalfOf' | 'message' | 'id'>;

/** How many Tracks get a word at a time. */
const parallel = 16;

/** How many Tracks a refusal is about. */
const listed = 5;

/** Answers the API: reads from the Tracks' states, and words that are checked against them and stored before the reply. */
export function apiHandlers({ bus, engine, store, log, now }: ApiOptions): ApiHandlers {
  const tickets = ticketsOf({ engine, store, bucket: bus.state });
  const voice = voiceOn(bus, log, now);
  const reads = readsOf(engine, tickets);

  /** Decides the word and stores it, unless this request has said it already. */
  const speak = async (
    track: Track,
    verb: WordVerb,
    speech: Speech,
    decide: () => Said | Refusal | Promise<Said | Refusal>,
  ): Promise<StoredWord | Refusal> => {
    const before = await voice.before(track, verb, speech);
    if (before) return before;
    // A word is checked against the current tracks files only; another replica has them.
    if (!(await engine.isCurrent())) throw new RequestFault(503, 'other tracks files are current; ask again');
    const said = await decide();
    return isRefusal(said) ? said : voice.say(track, said, speech);
  };

  const asSpeaker =
    <Request extends Asked>(answer: (request: Request, speech: Speech) => Promise<Reply | StoredWord>) =>
    async (request: Request, actor: string): Promise<Reply> => {
      const speaker = speakerOf(actor, request);
      if (isRefusal(speaker)) return speaker;
      const { message, id } = request;
      const reply = await answer(request, { ...speaker, actor, message, id });
      return 'word' in reply ? replyOf(reply as StoredWord) : (reply as Reply);
    };

  const ofTicket = <Request extends Asked & { ticket: string; track?: string | undefined }>(
    verb: WordVerb,
    decide: (found: FoundTicket, request: Request, by: string, now: Date) => Said | Refusal | Promise<Said | Refusal>,
  ) =>
    asSpeaker(async (request: Request, speech) => {
      const found = await tickets.find(request.ticket, request.track);
      if (isRefusal(found)) return found;
      return speak(found.track, verb, speech, () => decide(found, request, speech.by, now()));
    });
  const ofLiveTicket: typeof ofTicket = (verb, decide) =>
    ofTicket(verb, (found, request, by, at) => onItsWay(found) ?? decide(found, request as never, by, at));

  const ofTrack = <Request extends Asked & { track: string }>(
    verb: WordVerb,
    decide: (track: Track, request: Request) => Promise<Said | Refusal>,
  ) =>
    asSpeaker(async (request: Request, speech) => {
      const track = tickets.track(request.track);
      return isRefusal(track) ? track : speak(track, verb, speech, () => decide(track, request));
    });

  const pauseOrResume = async (verb: 'pause' | 'resume', track: Track, station: string | undefined) => {
    if (verb === 'pause') return pause(track, station);
    // A pause that was stored a moment ago may not be in the state yet.
    const last = await bus.last('operator.word', { track: track.name, verb: 'pause' });
    return resume(track, await engine.state(track), station, last?.sequence ?? 0);
  };

  const ofEveryTrack = (verb: 'pause' | 'resume') =>
    asSpeaker(async (request: ApiRequest<'pause'>, speech) => {
      const { track: name, station } = request;
      if (name !== undefined) {
        const track = tickets.track(name);
        return isRefusal(track) ? track : speak(track, verb, speech, () => pauseOrResume(verb, track, station));
      }
      if (station !== undefined) return refuse('RequestInvalid', `name the Track of the Station ${station}`);
      const answers: (StoredWord | Refusal)[] = [];
      await atOnce(parallel, engine.tracks, async (track) => {
        answers.push(await speak(track, verb, speech, () => pauseOrResume(verb, track, undefined)));
      });
      const words = answers.flatMap((answer) => (isRefusal(answer) ? [] : answer.sequence));
      const paused = answers.flatMap((answer) => (isRefusal(answer) ? answer.message : [])).slice(0, listed);
      if (words.length === 0) return refuse('NotPaused', paused.join('; ') || 'there is no Track');
      return { ok: true as const, sequence: Math.max(...words), tracks: words.length };
    });

  return {
    ...asReads(reads),
    approve: ofLiveTicket('approve', ticketWords.approve),
    cancel: ofLiveTicket('cancel', ticketWords.cancel),
    express: ofLiveTicket('express', ticketWords.express),
    check: ofLiveTicket('check', ticketWords.check),
    retry: ofTicket('retry', (found, request: ApiRequest<'retry'>) => retry(found, request, tickets)),
    pause: ofEveryTrack('pause'),
    resume: ofEveryTrack('resume'),
    promote: ofTrack('promote', (track, request: ApiRequest<'promote'>) => promote(track, request, tickets)),
    rollback: ofTrack('rollback', async (track, { station }: ApiRequest<'rollback'>) =>
      rollback(track, await engine.state(track), station, tickets),
    ),
  };
}

/** Nobody but the board may read in the name of somebody else, either. */
function asReads(reads: ReturnType<typeof readsOf>): Pick<ApiHandlers, 'tickets' | 'ticket' | 'tracks' | 'track'> {
  const asked =
    <Request extends { onBehalfOf?: string | undefined }, Answer>(read: (request: Request) => Promise<Answer>) =>
    async (request: Request, actor: string) => {
      const speaker = speakerOf(actor, request);
      return isRefusal(speaker) ? speaker : read(request);
    };
  return {
    tickets: asked(reads.tickets),
    ticket: asked(reads.ticket),
    tracks: asked(reads.tracks),
    track: asked(reads.track),
  };
}

function replyOf({ sequence, word }: StoredWord): Reply {
  const ticket = ticketOfWord(word);
  const station = 'station' in word ? word.station : undefined;
  const image = 'image' in word ? formatImage(word.image) : undefined;
  const about = { ...(ticket && { ticket }), ...(station && { station }), ...(image && { image }) };
  return { ok: true, sequence, track: word.track, ...about };
}
