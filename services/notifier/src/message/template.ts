import { restrictedLiquid, sanitizeLine } from '@k8sta/text';
import { type AnyPlaced, type Notice, noticeOf } from '../notice.js';
import { type TemplateValues, valuesOf } from './values.js';

const liquid = restrictedLiquid({ parseLimit: 100_000, memoryLimit: 1_000_000 });

export interface WrittenTemplate {
  readonly subject?: string | undefined;
  readonly body?: string | undefined;
}

const defaultTemplate = {
  subject:
    '{{ track | default: "K8sTA" }}{% if station %}/{{ station }}{% endif %}: {% if image %}{{ image }} {% endif %}{{ status }}{% if reason %} ({{ reason }}){% endif %}',
  body: `{% for item in items -%}
{% if items.size > 1 %}- {% if item.station %}{{ item.station }}: {% endif %}{{ item.message }}{% if item.reason %} ({{ item.reason }}){% endif %}{% else %}{{ item.message }}{% endif %}
{% if item.action %}What to do: {{ item.action }}
{% endif %}{% endfor %}{% if more > 0 %}and {{ more }} more
{% endif %}{% if since %}Since {{ since }}{% if until %}, until {{ until }}{% endif %}
{% endif %}`,
} as const;

/** What is shown of a text, however long a template makes it. */
const longestSubject = 250;
const longestBody = 3_000;

export interface MessageTemplate {
  /** Throws an Error if the template cannot be rendered with these values. */
  render(values: TemplateValues): { subject: string; body: string };
}

/** Throws an Error that says what is wrong with the template. */
export function compile({ subject, body }: WrittenTemplate): MessageTemplate {
  const parsed = {
    subject: liquid.parse(subject ?? defaultTemplate.subject),
    body: liquid.parse(body ?? defaultTemplate.body),
  };
  return {
    render(values) {
      const text = (template: ReturnType<typeof liquid.parse>) => String(liquid.renderSync(template, { ...values }));
      const lines = text(parsed.body)
        .split('\n')
        .map((line) => sanitizeLine(line, longestBody));
      return {
        subject: sanitizeLine(text(parsed.subject), longestSubject),
        body: cut(lines.join('\n').trim(), longestBody),
      };
    },
  };
}

/** What is wrong with each part of the template: found by rendering samples, because an unknown name shows only then. */
export function templateFaults(template: WrittenTemplate): ['subject' | 'body', string][] {
  return (['subject', 'body'] as const).flatMap((key) => {
    const fault = faultOf(() => {
      const compiled = compile({ [key]: template[key] });
      for (const sample of samples) compiled.render(valuesOf(sample));
    });
    return fault === undefined ? [] : [[key, fault]];
  });
}

/** The address of a Ticket on the board. */
export function renderLink(template: string, notice: Notice): string {
  const { track, ticket, image } = valuesOf(notice);
  return String(liquid.parseAndRenderSync(template, { track, ticket, image }));
}

export function linkFault(template: string): string | undefined {
  return faultOf(() => {
    const [sample] = samples;
    const address = sample && renderLink(template, sample);
    if (!URL.canParse(address ?? '') || !/^https?:/.test(address ?? '')) {
      throw new Error('must make an address: https://...');
    }
  });
}

function faultOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return sanitizeLine((error as Error).message, 300);
  }
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

const head = {
  ...{ track: 'storefront', ticket: '0123456789abcdef' },
  image: { repository: 'ghcr.io/acme/storefront', tag: '1.4.2', digest: `sha256:${'0'.repeat(64)}` },
};
const at = '2026-01-01T08:00:00Z';
const place = { id: 'sample', sequence: 1, time: new Date(at) };

/** One notice with everything, and those that have least. */
const samples: readonly Notice[] = (
  [
    {
      ...{ ...place, type: 'ticket.waiting' },
      data: { ...head, next: 'prod', on: 'gate', reason: 'ApprovalMissing', message: 'needs 1 approval', since: at },
    },
    {
      ...{ ...place, type: 'dead.letter' },
      data: {
        ...{ service: 'tracker', reason: 'invalid', cause: 'is not JSON', diedAt: at },
        original: {
          stream: 'K8STA',
          sequence: 1,
          subject: 'k8sta.ticket.storefront.opened',
          deliveries: 1,
          payload: '',
        },
      },
    },
    { ...place, type: 'track.checked', data: { track: 'storefront', findings: [], checkedAt: at } },
    { ...place, type: 'operator.word', data: { track: 'storefront', verb: 'pause', by: 'alice', at } },
  ] satisfies AnyPlaced[]
).map(noticeOf);
