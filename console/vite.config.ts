import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { leanFonts } from './build/fonts';
import { mockApi } from './mock/plugin';

// With SEKISHO_API (for example http://127.0.0.1:7777) the development server asks a running `sekisho serve`;
// without it the invented answers in mock/ are served.
const api = process.env.SEKISHO_API;

export default defineConfig({
  plugins: [react(), leanFonts(), ...(api ? [] : [mockApi()])],
  server: { proxy: api ? { '/api': api } : {} },
  preview: { proxy: api ? { '/api': api } : {} },
  build: {
    target: 'es2023',
    // An inlined font or picture would be a data: address, which the policy refuses for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    // The licences of what is bundled travel with it.
    license: { fileName: 'licences.md' },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
