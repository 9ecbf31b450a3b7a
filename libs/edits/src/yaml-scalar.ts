import { isScalar, parseDocument } from 'yaml';

/**
 * Whether every YAML parser reads the unquoted tag as a string. kustomize refuses `newTag: 1.10` ("cannot unmarshal
 * number"), and a parser of YAML 1.1 reads `on` as true, `20261122` as a number and `2026-11-22` as a date.
 */
export function isPlainString(text: string): boolean {
  return !looksNumeric(text) && isStringIn('1.1', text) && isStringIn('1.2', text) && !/^[yn]$/i.test(text);
}

/** The text of a scalar in the quotes it had, or in double quotes if it would not be a string without quotes. */
export function formatScalar(text: string, quote: Quote): string {
  if (quote === '' && !isPlainString(text)) return `"${text}"`;
  return `${quote}${text}${quote}`;
}

export type Quote = '' | "'" | '"';

/**
 * go-yaml reads more texts as numbers than YAML 1.1 and 1.2 together: it removes underscores first, and accepts every
 * prefix of Go's own literals (https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go).
 */
function looksNumeric(text: string): boolean {
  const digits = text.replaceAll('_', '');
  return (
    /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]*)?$/i.test(digits) ||
    /^[-+]?0[xob][0-9a-f]+$/i.test(digits) ||
    /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/.test(text)
  );
}

function isStringIn(version: '1.1' | '1.2', text: string): boolean {
  const { contents, errors } = parseDocument(text, { version });
  return errors.length === 0 && isScalar(contents) && contents.value === text;
}
