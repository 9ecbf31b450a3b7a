import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@k8sta/runtime';
import { send } from '@koa/send';
import type { Context } from 'koa';

const yearMs = 365 * 24 * 3_600_000;

/** Answers with the files of the page, and with the page itself for every path that it routes. */
export async function openPages(directory: string): Promise<(context: Context) => Promise<void>> {
  await access(join(directory, 'index.html')).catch(() => {
    throw new ConfigError([`the page is not built: ${directory} has no index.html; npm run build makes it`]);
  });
  return async (context) => {
    if (context.method !== 'GET' && context.method !== 'HEAD') return;
    // The names of these files contain a hash of what is in them.
    if (/^\/assets\/[\w.-]+$/.test(context.path)) {
      await send(context, context.path, { root: directory, maxAge: yearMs, immutable: true }).catch(onlyMissing);
      return;
    }
    if (/\.\w+$/.test(context.path) && !context.path.startsWith('/tracks/')) {
      await send(context, context.path, { root: directory }).catch(onlyMissing);
      return;
    }
    await send(context, 'index.html', { root: directory });
    context.set('Cache-Control', 'no-cache');
  };
}

/** A missing file, or a path that leads out of the directory, is answered with 404, as every unknown path. */
function onlyMissing(error: { status?: number }): void {
  if (error.status === undefined || error.status >= 500) throw error;
}
