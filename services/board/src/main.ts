import { fileURLToPath } from 'node:url';
import { openServiceTap } from '@k8sta/bus';
import { busSettings, createLogger, loadConfig, runMain, startLifecycle } from '@k8sta/runtime';
import { loadTracks } from '@k8sta/tracks';
import { openAccess } from './access/open.js';
import { checkConfig, options } from './config.js';
import { openPages } from './http/pages.js';
import { startServer } from './http/server.js';
import { createLinks } from './links.js';
import { startLive } from './live/start.js';
import { Viewers } from './live/stream.js';
import { createMetrics } from './metrics.js';

/** Where only those who are signed in may look: a stream does not end with the session. */
const longestStreamMs = 10 * 60_000;

/** Where `npm run build` puts the page: next to src and dist. Only from this file is the path the same in one built file. */
const builtPages = fileURLToPath(new URL('../web/dist', import.meta.url));

await runMain(async () => {
  const config = checkConfig(loadConfig(options, process.env));
  const tracks = await loadTracks(config.tracks);
  const log = createLogger('board', config.logLevel, { isAsync: true });
  const { access, roles } = await openAccess(config, log);
  const pages = await openPages(builtPages);
  const lifecycle = await startLifecycle({ log, statusPort: config.statusPort });

  const tap = await openServiceTap('board', busSettings(config).connection, log);
  lifecycle.onShutdown('bus', () => tap.close());
  const live = await startLive(tap, tracks, config.argoInstances);
  lifecycle.onShutdown('live board', async () => live.stop());
  lifecycle.readinessCheck('nats', async () => {
    if (live.facts.disconnectedSince) throw new Error('no connection');
  });

  const metrics = createMetrics(lifecycle.metrics);
  const isClosed = config.read === 'signedIn';
  const viewers = new Viewers(live.board, config.viewers, metrics.viewers, isClosed ? longestStreamMs : undefined);
  const links = createLinks(config.argoUrls, config.commitUrls);
  const origin = config.url && new URL(config.url).origin;
  const server = await startServer(
    { tap, tracks, live, viewers, links, access, roles, origin, isClosed, pages, metrics, log },
    config.httpPort,
  );
  lifecycle.onShutdown('page', () => server.close());
  log.info({ port: server.port, tracks: tracks.length, signIn: access.signIn ?? 'nobody' }, 'listening for people');
  lifecycle.started();
});
