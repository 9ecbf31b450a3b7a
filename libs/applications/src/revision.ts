/** What a targetRevision is, if it is not a branch: a commit made for a branch never reaches an Application that follows it. */
export function pinnedBy(revision: string): string | undefined {
  // Digits alone may be a branch that is named by its date; the promoter knows whether it exists.
  if (/^[0-9a-f]{7,64}$/.test(revision) && /[0-9]/.test(revision) && /[a-f]|^.{40,}$/.test(revision)) return 'a commit';
  if (revision.startsWith('refs/tags/')) return 'a tag';
  if (/[\^~*<>=|,\s]/.test(revision)) return 'a range of versions';
  return undefined;
}

/** Whether a revision reads like the tag of a release, which only the repository knows. */
export function isVersion(revision: string): boolean {
  return /^v?\d+(\.\d+)+([-+.].*)?$/.test(revision);
}
