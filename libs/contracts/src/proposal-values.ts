import { templateFaultFor } from '@k8sta/text';

/** What a template of commit messages may name. */
export interface CommitValues {
  readonly kind: 'promotion' | 'rollback';
  readonly ticket: string;
  readonly track: string;
  readonly station: string;
  readonly promotion: string;
  /** Each image of the commit. */
  readonly images: readonly CommittedImage[];
  /** Of the first image. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly oldTag: string;
  /** As `K8STA_COMMIT_LINK` says; empty without it. */
  readonly link: string;
  /** What the first line of a message, or the title of a pull request, is without a template. */
  readonly subject: string;
}

/** What the templates `title` and `body` of a pull request may name. */
export interface ProposalValues extends CommitValues {
  /** What the body is without a template: so that a template may add to it. */
  readonly text: string;
  /** The Applications whose files the commit changes. */
  readonly applications: readonly { readonly namespace: string; readonly name: string; readonly file: string }[];
  /** Where the image runs already, in the order of the Stations. */
  readonly arrivals: readonly { readonly station: string; readonly arrivedAt: string }[];
}

interface CommittedImage {
  readonly repository: string;
  readonly tag: string;
  /** Empty if it is not known. */
  readonly digest: string;
  /** What the files named before; empty if it is not known. */
  readonly oldTag: string;
}

const image: CommittedImage = {
  ...{ repository: 'ghcr.io/acme/storefront', tag: '1.4.2', digest: `sha256:${'0'.repeat(64)}`, oldTag: '1.4.1' },
};

const example: ProposalValues = {
  kind: 'promotion',
  ...{ ticket: '0123456789abcdef', track: 'storefront', station: 'prod', promotion: '0123456789abcdef/prod/1/0' },
  ...image,
  images: [image],
  ...{ link: 'https://k8sta.example.com', subject: 'storefront/prod: ghcr.io/acme/storefront 1.4.2', text: 'text' },
  applications: [{ namespace: 'argocd', name: 'storefront-prod', file: 'env/prod/kustomization.yaml' }],
  arrivals: [{ station: 'dev', arrivedAt: '2026-01-01T00:00:00Z' }],
};

/** What is wrong with this template of a title or a body; undefined if it can be used. */
export function proposalTemplateFault(text: string): string | undefined {
  return templateFaultFor(text, example);
}
