import type { CommitValues } from '@k8sta/contracts';
import { templateFaultFor } from '@k8sta/text';

const example: CommitValues = {
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
