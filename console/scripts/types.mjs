// Writes src/api/schema.d.ts from the server's golden OpenAPI document; with --check only says whether it is so.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const DOCUMENT = '../crates/server/openapi.json';
const TYPES = 'src/api/schema.d.ts';

const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
// Answers are typed from the document; addresses and parameters are written where they are asked.
const answers = { ...document, paths: {} };
const types = [
  `// Generated from ${DOCUMENT} by \`npm run types\`; not edited by hand.`,
  astToString(await openapiTS(answers)),
].join('\n');

if (process.argv.includes('--check')) {
  if (readFileSync(TYPES, 'utf8') !== types) {
    console.error(`error: ${TYPES} differs from ${DOCUMENT}\nhint: run \`npm run types\``);
    process.exit(1);
  }
} else {
  writeFileSync(TYPES, types);
}
