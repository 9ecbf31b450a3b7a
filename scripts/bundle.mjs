/**
 * Replaces entry points that tsc has built by one file each, with all that they import: node ../../scripts/bundle.mjs main ...
 *
 * Node.js loads the hundreds of small modules of a service in 0.7 seconds of CPU time, and one large file in half of that. What is
 * imported lazily stays lazy. nodegit stays outside because it loads a native library next to its own files.
 */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

// The names of shared files change with their contents.
rmSync('dist/bundled', { recursive: true, force: true });
const entries = process.argv.slice(2).map((name) => `dist/${name}.js`);
await build({
  entryPoints: entries,
  outdir: 'dist',
  outbase: 'dist',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  chunkNames: 'bundled/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['nodegit'],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
  banner: {
    // What is left of CommonJS requires modules of Node.js.
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});
