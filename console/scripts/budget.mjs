// Fails the build when the console outgrows what an analyst on a slow line should wait for (gzip, JavaScript).
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FIRST_ROUTE_BYTES = 200_000;
const WHOLE_APP_BYTES = 450_000;
const DIRECT_DEPENDENCIES = 25;
// The first screen is the verdict sheet: what its page needs beside the entry is part of the first route.
const FIRST_PAGE = 'src/pages/verdict/page.tsx';

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const dependencies = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).dependencies);

const first = new Set([...scriptsOf('index.html'), ...scriptsOf(FIRST_PAGE)]);
const all = new Set(Object.keys(manifest).flatMap((entry) => scriptsOf(entry)));
const firstBytes = gzipBytes(first);
const allBytes = gzipBytes(all);

console.log(`first route ${kilobytes(firstBytes)} of ${kilobytes(FIRST_ROUTE_BYTES)} gzip JavaScript`);
console.log(`whole app   ${kilobytes(allBytes)} of ${kilobytes(WHOLE_APP_BYTES)} gzip JavaScript`);
console.log(`direct run-time dependencies ${dependencies.length} of ${DIRECT_DEPENDENCIES}`);
if (
  firstBytes > FIRST_ROUTE_BYTES ||
  allBytes > WHOLE_APP_BYTES ||
  dependencies.length > DIRECT_DEPENDENCIES
) {
  console.error('error: the console is over its budget');
  process.exit(1);
}

// Only this script needs the manifest; it is not served.
rmSync('dist/.vite', { recursive: true });

function scriptsOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(key)) return [];
  seen.add(key);
  const own = chunk.file.endsWith('.js') ? [chunk.file] : [];
  return [...own, ...(chunk.imports ?? []).flatMap((imported) => scriptsOf(imported, seen))];
}

function gzipBytes(files) {
  return [...files].reduce((sum, file) => sum + compressedSize(join('dist', file)), 0);
}

function compressedSize(path) {
  try {
    return statSync(`${path}.gz`).size;
  } catch {
    return statSync(path).size;
  }
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
