/** A browser without a page: keeps cookies by host, and follows redirects one by one. */
export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>();

  /** The cookies that this host has set, as `name=value`. */
  cookies(url: string): string[] {
    return [...(this.#cookies.get(new URL(url).host) ?? [])].map(([name, value]) => `${name}=${value}`);
  }

  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('cookie', this.cookies(url).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    const jar = this.#cookies.get(new URL(url).host) ?? new Map<string, string>();
    this.#cookies.set(new URL(url).host, jar);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  /** Follows redirects until there is an answer, and returns it with its address. */
  async visit(url: string, init: RequestInit = {}): Promise<{ url: string; response: Response; text: string }> {
    let [address, response] = [url, await this.fetch(url, init)];
    for (let left = 20; left > 0 && response.headers.has('location'); left--) {
      address = new URL(response.headers.get('location') ?? '', address).href;
      response = await this.fetch(address);
    }
    return { url: address, response, text: await response.text() };
  }
}
