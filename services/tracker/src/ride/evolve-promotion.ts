import type { KnownRelation } from '../observation.js';
import type { EventOf, TrackEvent } from './event.js';
import type { ApplicationProgress, Part, Promotion } from './state.js';

/** Applies an event to the promotion of its Ticket. */
export function evolvePromotion(promotion: Promotion, event: TrackEvent): Promotion {
  switch (event.type) {
    case 'reissued':
      return {
        ...promotion,
        parts: promotion.parts.map((part) => askedAgain(part, event)),
      };
    case 'requestedAgain':
      return {
        ...promotion,
        parts: promotion.parts.map((part) => {
          const request = event.requests.find((each) => each.part === part.request.part);
          return request ? { request, answer: { is: 'open' } } : part;
        }),
      };
    case 'partCommitted': {
      const { commit, at } = event;
      return { ...withAnswer(promotion, commit.part, () => ({ is: 'committed', commit })), committedAt: at };
    }
    case 'partDelayed':
      return withAnswer(promotion, event.part, ({ answer }) =>
        answer.is === 'proposed'
          ? { ...answer, message: event.message, heardAt: event.at }
          : { is: 'open', delay: event.message },
      );
    case 'partProposed': {
      const { part, proposal, since, at } = event;
      // The word of what is missing may be delivered before that of the pull request.
      return withAnswer(promotion, part, ({ answer }) => {
        const message = answer.is === 'open' ? answer.delay : answer.is === 'proposed' ? answer.message : undefined;
        return { is: 'proposed', proposal, since, heardAt: at, ...(message !== undefined && { message }) };
      });
    }
    case 'partFailed': {
      const { part, reason, message } = event;
      return withAnswer(promotion, part, () => ({ is: 'failed', reason, message }));
    }
    case 'deadlineHalted':
      return { ...promotion, haltedSince: event.at };
    case 'deadlineResumed': {
      const { haltedSince: _resumed, ...rest } = promotion;
      return rest;
    }
    case 'applicationArrived': {
      const { application, revision, rendered } = event;
      return withProgress(promotion, application, () => ({ arrived: { revision, rendered } }));
    }
    case 'applicationLeft':
      return withProgress(promotion, event.application, () => ({ left: event.message }));
    case 'refreshAsked':
      return withProgress(promotion, event.application, ({ refreshes }) => ({
        refreshes: { count: (refreshes?.count ?? 0) + 1, askedAt: event.at },
      }));
    case 'related': {
      const { application, of, relation } = event;
      const contained = of === 'relation' && isContained(relation) ? { contained: relation.revision } : {};
      return withProgress(promotion, application, () => ({ [of]: relation, ...contained }));
    }
    default:
      return promotion;
  }
}

function isContained({ answer }: KnownRelation): boolean {
  return answer.relation === 'same' || answer.relation === 'contains';
}

function withAnswer(promotion: Promotion, part: number, answered: (part: Part) => Part['answer']): Promotion {
  return {
    ...promotion,
    parts: promotion.parts.map((each) => (each.request.part === part ? { ...each, answer: answered(each) } : each)),
  };
}

/** The part with the request that was published again, if it was. */
function askedAgain({ request, answer }: Part, { requests, at }: EventOf<'reissued'>): Part {
  const again = requests.find(({ part }) => part === request.part);
  if (!again) return { request, answer };
  return { request: again, answer: answer.is === 'proposed' ? { ...answer, heardAt: at } : answer };
}

function withProgress(
  promotion: Promotion,
  application: string,
  change: (known: ApplicationProgress) => Partial<ApplicationProgress>,
): Promotion {
  const known = promotion.applications[application] ?? {};
  const progress = { ...known, ...change(known) };
  return { ...promotion, applications: { ...promotion.applications, [application]: progress } };
}
