import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Our own libraries are read as source, so that the page can be built before they are.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The policy of the page allows no data: addresses.
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  logLevel: 'warn',
});
