/** Why a word was not said, in words for a person. */
class Refused extends Error {}

/** Says a word. Throws {@link Refused} unless it is stored on the bus. */
export async function say(verb: string, word: Readonly<Record<string, unknown>>): Promise<void> {
  const response = await fetch(`/api/say/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(word),
  }).catch(() => {
    throw new Refused('The board does not answer. Look at the log before you repeat it.');
  });
  if (response.ok) return;
  const { message } = await response.json().catch(() => ({}));
  throw new Refused(message ?? `The board answers ${response.status}.`);
}

export async function signOut(): Promise<void> {
  await fetch('/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' } });
  location.reload();
}
