import {
  formatImage,
  promotionFailures,
  type ReasonText,
  supersedeReasons,
  ticketFailures,
  trackFindings,
  waitReasons,
} from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Notice } from '../notice.js';

/** What a template may name. What a notice does not have is null, so that a misspelled name is a fault. */
export interface TemplateValues {
  readonly event: string;
  readonly status: string;
  readonly track: string | null;
  /** The only Station that the notice is about. */
  readonly station: string | null;
  readonly ticket: string | null;
  readonly image: string | null;
  readonly repository: string | null;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly reason: string | null;
  readonly message: string;
  readonly action: string | null;
  readonly by: string | null;
  readonly verb: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly items: readonly TemplateItem[];
  /** How many items the list leaves out. */
  readonly more: number;
}

interface TemplateItem {
  readonly station: string | null;
  readonly application: string | null;
  readonly reason: string | null;
  readonly message: string;
  readonly action: string | null;
}

const mostItems = 20;
const longestMessage = 1_000;

export function valuesOf(notice: Notice): TemplateValues {
  const { type, status, track, ticket, image, by, verb, since, until } = notice;
  const items = notice.items.slice(0, mostItems).map(({ station, application, reason, message }) => ({
    station: station ?? null,
    application: application ?? null,
    reason: reason ?? null,
    message: sanitizeLine(message, longestMessage),
    action: actionOf(type, reason) ?? null,
  }));
  const [first] = items;
  const only = items.length === 1 ? first : undefined;
  return {
    event: type,
    status,
    track: track ?? null,
    station: only?.station ?? null,
    ticket: ticket ?? null,
    image: image ? formatImage(image) : null,
    repository: image?.repository ?? null,
    tag: image?.tag ?? null,
    digest: image?.digest ?? null,
    reason: first?.reason ?? null,
    message: first?.message ?? '',
    action: only?.action ?? null,
    by: by ?? null,
    verb: verb ?? null,
    since: since?.toISOString() ?? null,
    until: until?.toISOString() ?? null,
    items,
    more: notice.items.length - items.length,
  };
}

type Table = Readonly<Record<string, ReasonText>>;

/** The same code may mean different things in different events. */
function tablesOf(type: Notice['type']): readonly Table[] {
  switch (type) {
    case 'ticket.waiting':
    case 'promotion.proposed':
      return [waitReasons];
    case 'ticket.failed':
    case 'ticket.rollingBack':
      return [ticketFailures];
    case 'ticket.superseded':
      return [supersedeReasons];
    case 'track.checked':
      return [trackFindings, promotionFailures];
    default:
      return [];
  }
}

/** What to do about the reason, from the tables that docs/operations.md is generated from. */
function actionOf(type: Notice['type'], reason: string | undefined): string | undefined {
  if (reason === undefined) return undefined;
  return tablesOf(type).find((table) => Object.hasOwn(table, reason))?.[reason]?.action;
}
