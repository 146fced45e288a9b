// Prism in mock mode: it answers only requests that agree with an OpenAPI description, and says of all others
// what is amiss. One process serves any number of descriptions, each on a free port of loopback.
//
// DESCRIPTIONS is the path of a JSON file that holds paths of descriptions by name. Prints one line of JSON
// when all of them listen: `hosts`, or the reason why one cannot be served, by name. Ends with its standard
// input.

import fs from 'node:fs';
import { createRequire } from 'node:module';

// They are CommonJS, and of their exports Node.js finds only some by itself.
const require = createRequire(import.meta.url);
const { createLogger } = require('@stoplight/prism-core');
const { getHttpOperationsFromSpec } = require('@stoplight/prism-http');
const { createServer } = require('@stoplight/prism-http-server');

const logger = createLogger('prism', { level: 'silent' });
const config = {
  isProxy: false,
  validateRequest: true,
  validateResponse: false,
  checkSecurity: true,
  errors: true,
  mock: { dynamic: false },
};

const told = { hosts: {}, refused: {} };
for (const [name, path] of Object.entries(JSON.parse(fs.readFileSync(process.env.DESCRIPTIONS, 'utf8')))) {
  try {
    const operations = await getHttpOperationsFromSpec(path);
    const server = createServer(operations, { cors: false, config, components: { logger } });
    told.hosts[name] = new URL(await server.listen(0, '127.0.0.1')).host;
  } catch (error) {
    told.refused[name] = String(error);
  }
}
console.log(JSON.stringify(told));
process.stdin.on('end', () => process.exit(0)).resume();
