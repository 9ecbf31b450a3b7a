/**
 * Replaces entry points that tsc has built by one file each, with all that they import at their start: node ../../scripts/bundle.mjs main ...
 *
 * Node.js loads the hundreds of small modules of a service in 0.7 seconds of CPU time, and one large file in half of that. What is
 * imported lazily stays lazy. It must be a file of ours or an ES module: a lazy import of CommonJS has no names in a bundle.
 * nodegit stays outside because it loads a native library next to its own files.
 */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';

/**
 * Maps all of a package's file to its first line. Node.js keeps the parsed map of a bundle in memory once a stack trace leads
 * there: 14 MB for the promoter, and 82 MB with the lines of its packages. A trace still names their files.
 */
const withoutLinesOfPackages = {
  name: 'without the lines of packages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const map = JSON.stringify({ version: 3, sources: [basename(path)], mappings: 'AAAA' });
      const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
      return { contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=${url}`, loader: 'js' };
    });
  },
};

/** zod names its sixty languages on one object, so that a bundle holds them all; Node.js would parse 300 kB more at each start. */
const englishOnly = {
  name: 'English only',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

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
  // V8 keeps the text in memory. Names stay as they are: a stack trace shows them.
  minifyWhitespace: true,
  plugins: [englishOnly, withoutLinesOfPackages],
  logLevel: 'warning',
  banner: {
    // What is left of CommonJS requires modules of Node.js.
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});
