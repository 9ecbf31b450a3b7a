/** Below 0: the first is older. The plan counts the tags of a Track up: 1.0.0, 1.1.0, 1.2.0. */
export function compareTags(one: string, other: string): number {
  return minorOf(one) - minorOf(other);
}

export function minorOf(tag: string): number {
  return Number(tag.split('.')[1]);
}
