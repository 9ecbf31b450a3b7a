import type { ComponentChildren } from 'preact';

/** A link to another site, or only its text if nobody has said where that is. */
export function External({ href, children }: { href: string | undefined; children: ComponentChildren }) {
  if (!href) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}
