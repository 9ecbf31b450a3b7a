import type { Selector } from './fields.js';
import { isData, type Manifest, stringAt } from './manifest.js';
import { isMatch } from './pattern.js';

/** The objects that the target of a patch selects: with regular expressions, by any of their names. */
export function selectByPattern(manifests: readonly Manifest[], selector: Selector): Manifest[] {
  const matches = (pattern: string | undefined, text: string) => !pattern || isMatch(pattern, text);
  return manifests.filter(
    ({ data, names, isHidden }) =>
      !isHidden &&
      matches(selector.group, groupOf(data)) &&
      matches(selector.version, versionOf(data)) &&
      matches(selector.kind, stringAt(data, 'kind') ?? '') &&
      names.some((name) => matches(selector.name, name)) &&
      matches(selector.namespace, namespaceOf(data)) &&
      hasLabels(data, 'labels', selector.labelSelector) &&
      hasLabels(data, 'annotations', selector.annotationSelector),
  );
}

/** The objects that a replacement selects: literally. */
export function selectByName(manifests: readonly Manifest[], selector: Selector): Manifest[] {
  return manifests.filter(
    ({ data, names, isHidden }) =>
      !isHidden &&
      (!selector.group || selector.group === groupOf(data)) &&
      (!selector.version || selector.version === versionOf(data)) &&
      (!selector.kind || selector.kind === stringAt(data, 'kind')) &&
      (!selector.name || names.includes(selector.name)) &&
      (!selector.namespace || selector.namespace === namespaceOf(data)) &&
      hasLabels(data, 'labels', selector.labelSelector) &&
      hasLabels(data, 'annotations', selector.annotationSelector),
  );
}

/** The object that a strategic merge patch is for. Where several have its name, its namespace tells them apart. */
export function selectById(manifests: readonly Manifest[], patch: unknown): Manifest[] {
  const [kind, name] = [stringAt(patch, 'kind'), stringAt(patch, 'metadata', 'name') ?? ''];
  const found = manifests.filter(
    ({ data, names }) => stringAt(data, 'kind') === kind && names.includes(name) && groupOf(data) === groupOf(patch),
  );
  if (found.length < 2) return found;
  return found.filter(({ data }) => namespaceOf(data) === namespaceOf(patch)).slice(0, 1);
}

function groupOf(data: unknown): string {
  const version = stringAt(data, 'apiVersion') ?? '';
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
}

function versionOf(data: unknown): string {
  return (stringAt(data, 'apiVersion') ?? '').replace(/^.*\//, '');
}

function namespaceOf(data: unknown): string {
  return stringAt(data, 'metadata', 'namespace') ?? 'default';
}

/** The selectors of kubectl: `a=b,c!=d,e,!f,g in (h,i)`. */
function hasLabels(data: unknown, field: 'labels' | 'annotations', selector: string | undefined): boolean {
  if (!selector) return true;
  const all = isData(data) && isData(data.metadata) && isData(data.metadata[field]) ? data.metadata[field] : {};
  // A comma in parentheses divides the values of one requirement; YAML holds no NUL.
  const requirements = selector.replace(/\([^()]*\)/g, (values) => values.replaceAll(',', '\0')).split(',');
  return requirements.every((each) => {
    const [, not, key = '', operator, value = ''] =
      /^(!?)\s*([^\s!=]+)\s*(==?|!=|in\b|notin\b)?(.*)$/s.exec(each.trim()) ?? [];
    const has = all[key] === undefined ? undefined : String(all[key]);
    if (!operator) return not ? has === undefined : has !== undefined;
    const values = value
      .trim()
      .replace(/^\(|\)$/g, '')
      .split('\0')
      .map((one) => one.trim());
    const isIn = has !== undefined && values.includes(has);
    return /^(!=|notin)$/.test(operator) ? !isIn : isIn;
  });
}
