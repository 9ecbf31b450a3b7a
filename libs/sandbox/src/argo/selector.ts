export type Labels = Readonly<Record<string, string>>;

/** Whether the selector matches an object with these labels. */
export type LabelSelector = (labels: Labels) => boolean;

const requirement =
  /^\s*(?:(?<absent>!\s*)?(?<exists>[\w./-]+)|(?<equal>[\w./-]+)\s*(?<sign>==|=|!=)\s*(?<value>[\w.-]*)|(?<member>[\w./-]+)\s+(?<set>in|notin)\s*\((?<values>[^)]*)\))\s*$/;

/**
 * Parses a `labelSelector`: equality and set forms, joined by commas. `undefined` if it is malformed.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
 */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  if (text.trim() === '') return () => true;
  // A comma inside parentheses belongs to a set.
  const parsed = text.split(/,(?![^(]*\))/).map(parseRequirement);
  if (parsed.includes(undefined)) return undefined;
  return (labels) => parsed.every((holds) => holds?.(labels));
}

function parseRequirement(text: string): LabelSelector | undefined {
  const found = requirement.exec(text)?.groups;
  if (!found) return undefined;
  const { absent, exists, equal, sign, value = '', member, set, values = '' } = found;
  if (exists) return (labels) => Object.hasOwn(labels, exists) === !absent;
  if (equal) return (labels) => (labels[equal] === value) === (sign !== '!=');
  if (!member) return undefined;
  const allowed = values.split(',').map((each) => each.trim());
  return (labels) => (Object.hasOwn(labels, member) && allowed.includes(labels[member] ?? '')) === (set === 'in');
}
