import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A metric in a query, with what the query assumes about its labels. */
export interface Selector {
  readonly name: string;
  readonly matchers: readonly { readonly label: string; readonly value: string }[];
  /** The labels that the aggregations around it keep. */
  readonly groupedBy: readonly string[];
}

/** The metrics of a PromQL expression, by the grammar of Prometheus itself. Throws a SyntaxError if it is none. */
export function selectorsOf(expression: string): Selector[] {
  // Grafana replaces these before it asks Prometheus.
  const text = expression.replaceAll(/\$__(rate_interval|range)\b/g, '5m').replaceAll('$__range_s', '300');
  const found: Selector[] = [];
  const textOf = (node: SyntaxNode | null) => (node ? text.slice(node.from, node.to) : '');
  const walk = (node: SyntaxNode, groupedBy: readonly string[]): void => {
    if (node.type.isError) throw new SyntaxError(`not PromQL at ${node.from}: ${text}`);
    if (node.name === 'VectorSelector') {
      const matchers = below(node, 'UnquotedLabelMatcher').map((matcher) => ({
        label: textOf(matcher.getChild('LabelName')),
        value: textOf(matcher.getChild('StringLiteral')).slice(1, -1),
      }));
      found.push({ name: textOf(node.getChild('Identifier')), matchers, groupedBy });
    }
    const grouping = node.name === 'AggregateExpr' ? below(node.getChild('AggregateModifier'), 'LabelName') : [];
    for (const child of children(node)) walk(child, [...groupedBy, ...grouping.map(textOf)]);
  };
  walk(parser.parse(text).topNode, []);
  return found;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function below(node: SyntaxNode | null, name: string): SyntaxNode[] {
  if (!node) return [];
  return children(node).flatMap((child) => [...(child.name === name ? [child] : []), ...below(child, name)]);
}
