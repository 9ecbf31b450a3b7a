import { templateFaultFor } from '@k8sta/text';

/** What a template of commit messages may name. */
export interface TemplateValues {
  readonly kind: 'promotion' | 'rollback';
  readonly ticket: string;
  readonly track: string;
  readonly station: string;
  readonly promotion: string;
  /** Each image of the commit. */
  readonly images: readonly TemplateImage[];
  /** Of the first image. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly oldTag: string;
  readonly link: string;
  /** What the first line is without a template. */
  readonly subject: string;
}

export interface TemplateImage {
  readonly repository: string;
  readonly tag: string;
  /** Empty if it is not known. */
  readonly digest: string;
  /** What the files named before; empty if it is not known. */
  readonly oldTag: string;
}

const example: TemplateValues = {
  kind: 'promotion',
  ...{ ticket: '0123456789abcdef', track: 'storefront', station: 'dev', promotion: '0123456789abcdef/dev/1/0' },
  ...{ repository: 'ghcr.io/acme/storefront', tag: '1.4.2', digest: 'sha256:0', oldTag: '1.4.1' },
  images: [{ repository: 'ghcr.io/acme/storefront', tag: '1.4.2', digest: 'sha256:0', oldTag: '1.4.1' }],
  ...{ link: 'https://k8sta.example.com', subject: 'storefront/dev: ghcr.io/acme/storefront 1.4.2' },
};

/** What is wrong with this template; undefined if it can be used. */
export function templateFault(text: string): string | undefined {
  return templateFaultFor(text, example);
}
