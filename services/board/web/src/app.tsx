import { LocationProvider, Route, Router } from 'preact-iso';
import { MeProvider } from './data/me';
import { NotFoundPage } from './pages/not-found';
import { SearchPage } from './pages/search';
import { TicketPage } from './pages/ticket';
import { TrackPage } from './pages/track';
import { TracksPage } from './pages/tracks';
import { WordsPage } from './pages/words';
import { Announcer } from './parts/announcer';
import { Banner } from './parts/banner';
import { Header } from './parts/header';

/** The sign-in is not a page of ours: the browser must load it. */
const ours = /^\/(?!auth\/)/;

function focusMain(): void {
  document.getElementById('main')?.focus({ preventScroll: true });
}

export function App() {
  return (
    <LocationProvider scope={ours}>
      <MeProvider>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Header />
        <Banner />
        <main id="main" tabIndex={-1}>
          <Router onRouteChange={focusMain}>
            <Route path="/" component={TracksPage} />
            <Route path="/tracks/:track" component={TrackPage} />
            <Route path="/tracks/:track/tickets/:ticket" component={TicketPage} />
            <Route path="/words" component={WordsPage} />
            <Route path="/search" component={SearchPage} />
            <Route default component={NotFoundPage} />
          </Router>
        </main>
        <Announcer />
      </MeProvider>
    </LocationProvider>
  );
}
