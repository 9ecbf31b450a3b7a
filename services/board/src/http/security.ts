import type { Context, Middleware } from 'koa';

/** No other host is contacted, and no other page can contain the board. */
const policy = [
  "default-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

export function securityHeaders(isSecure: boolean): Middleware {
  return async (context, next) => {
    context.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      ...(isSecure && { 'Strict-Transport-Security': 'max-age=31536000' }),
    });
    await next();
  };
}

/**
 * Whether a page of the board itself sent the request. A browser names the origin in each POST, and no page can change it, so
 * that another site cannot speak with a person's cookie, or with the headers that a proxy adds.
 */
export function isFromOurPage(context: Context, origin: string | undefined): boolean {
  const site = context.get('Sec-Fetch-Site');
  if (site !== '' && site !== 'same-origin') return false;
  return (
    origin !== undefined && context.get('Origin') === origin && context.is('application/json') === 'application/json'
  );
}
