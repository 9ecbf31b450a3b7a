import { useLocation } from 'preact-iso';
import { type Live, useLive } from '../data/live';
import { useMe } from '../data/me';
import { signOut } from '../data/say';

const connectionOf = (live: Live) => live.connection;

const pages = [
  ['/', 'Tracks'],
  ['/words', 'Log'],
] as const;

export function Header() {
  const { path, query, route } = useLocation();
  const connection = useLive(connectionOf);
  const search = (event: SubmitEvent) => {
    event.preventDefault();
    const text = new FormData(event.currentTarget as HTMLFormElement).get('q');
    route(`/search?q=${encodeURIComponent(String(text ?? ''))}`);
  };
  return (
    <header class="top">
      <a class="brand" href="/">
        <Mark />
        K8sTA
      </a>
      <nav aria-label="Pages">
        {pages.map(([href, name]) => (
          <a key={href} href={href} aria-current={path === href ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/useSemanticElements: browsers do not know <search> for long */}
      <form class="search" role="search" onSubmit={search}>
        <input
          type="search"
          name="q"
          aria-label="Search by image or tag"
          placeholder="Image or tag"
          maxLength={200}
          defaultValue={path === '/search' ? (query['q'] ?? '') : ''}
        />
      </form>
      <span class={`connection ${connection}`}>
        {connection === 'live' ? 'Live' : connection === 'lost' ? 'Reconnecting…' : 'Connecting…'}
      </span>
      <Account />
    </header>
  );
}

function Account() {
  const { name, signIn } = useMe();
  if (name === undefined) {
    if (signIn !== 'oidc') return null;
    return (
      <a class="button" href={`/auth/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`}>
        Sign in
      </a>
    );
  }
  return (
    <span class="account">
      <span class="who" title={name}>
        {name}
      </span>
      {signIn === 'oidc' && (
        <button type="button" class="quiet" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </span>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 16" aria-hidden="true">
      <path d="M3 8h26" />
      <circle cx="8" cy="8" r="4.5" />
      <circle cx="24" cy="8" r="4.5" />
    </svg>
  );
}
