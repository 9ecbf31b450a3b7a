import type { Ticket } from '@k8sta/contracts';
import { linksOf } from './message/links.js';
import type { Message } from './message/message.js';
import { compile, type MessageTemplate } from './message/template.js';
import { valuesOf } from './message/values.js';
import type { Notice } from './notice.js';
import type { Links } from './rules/rule.js';

const standard = compile({});

export interface ComposeOptions {
  readonly template: MessageTemplate | undefined;
  readonly ticket: Ticket | undefined;
  readonly links: Links;
  /** Adds that the message may have been sent before. */
  readonly saysRepeat: boolean;
  /** Called with what is wrong when the template cannot be rendered with this notice. */
  readonly onFault: (fault: Error) => void;
}

/** The message of a notice. A template that fails must not keep people from the message: the standard one takes its place. */
export function compose(
  notice: Notice,
  { template = standard, ticket, links, saysRepeat, onFault }: ComposeOptions,
): Message {
  const values = valuesOf(notice);
  const render = (): { subject: string; body: string } => {
    try {
      return template.render(values);
    } catch (error) {
      onFault(error as Error);
      return standard.render(values);
    }
  };
  const { subject, body } = render();
  const repeat = saysRepeat ? ['K8sTA was interrupted and may have sent this message before.'] : [];
  return {
    subject,
    body: [body, ...repeat].filter((part) => part !== '').join('\n'),
    links: linksOf(notice, ticket, links),
  };
}
