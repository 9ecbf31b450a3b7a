import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

/** The rules file as an object of the Prometheus Operator. */
export function prometheusRule(): string {
  const text = readFileSync(new URL('../../deploy/components/monitoring/rules.yaml', import.meta.url), 'utf8');
  const metadata = {
    name: 'k8sta',
    namespace: 'k8sta',
    labels: { 'app.kubernetes.io/name': 'k8sta', 'app.kubernetes.io/part-of': 'k8sta' },
  };
  const rule = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata, spec: parse(text) };
  return `# Written by \`npm run generate\` from rules.yaml.\n${stringify(rule, { lineWidth: 0 })}`;
}
