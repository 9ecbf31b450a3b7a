import type { MessageTemplate } from '../message/template.js';
import type { NoticeType } from '../notice.js';

/** Which notices go to which receivers. What is absent selects everything. */
export interface Rule {
  readonly name: string;
  readonly events: ReadonlySet<NoticeType>;
  readonly tracks?: (name: string) => boolean;
  readonly stations?: (name: string) => boolean;
  readonly reasons?: ReadonlySet<string>;
  readonly verbs?: ReadonlySet<string>;
  /** How long a wait or a finding must last before it is sent. */
  readonly forMs: number;
  /** The names of receivers. */
  readonly to: readonly string[];
  readonly template: MessageTemplate;
}

/** Where messages go, as the file describes it. A secret is the name of a file. */
export type ReceiverSpec = { readonly name: string } & (
  | { readonly kind: 'slack'; readonly secretFile: string; readonly channel?: string | undefined; readonly api: string }
  | { readonly kind: 'teams'; readonly secretFile: string }
  | { readonly kind: 'discord'; readonly secretFile: string }
  | { readonly kind: 'webhook'; readonly secretFile: string; readonly url: string }
  | ({ readonly kind: 'email' } & EmailSpec)
);

export interface EmailSpec {
  readonly host: string;
  readonly port: number;
  /** `starttls` requires it; `none` is for a relay on the same host. */
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly user?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
}

export interface Links {
  /** The address of Argo CD's web interface. */
  readonly argoCd?: string | undefined;
  /** A Liquid template for the address of a Ticket. */
  readonly board?: string | undefined;
}

/** The rules file, checked. */
export interface Rules {
  readonly receivers: readonly ReceiverSpec[];
  readonly rules: readonly Rule[];
  readonly links: Links;
}
