// Node-RED on a free port of loopback, for the tests: its admin API, which takes tokens of the password
// grant. The one user is `anna` with the password of the environment variable PASSWORD. Prints one line of
// JSON when it listens; ends with its standard input.

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import bcrypt from 'bcryptjs';
import RED from 'node-red';

const userDir = mkdtempSync(path.join(tmpdir(), 'sluis-node-red-'));
const server = http.createServer((req, res) => RED.httpAdmin(req, res));
RED.init(server, {
  userDir,
  httpAdminRoot: '/',
  httpNodeRoot: false,
  adminAuth: {
    type: 'credentials',
    sessionExpiryTime: 600,
    users: [{ username: 'anna', password: bcrypt.hashSync(process.env.PASSWORD, 4), permissions: '*' }],
  },
  credentialSecret: 'for tests only',
  logging: { console: { level: 'off', metrics: false, audit: false } },
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, projects: { enabled: false } },
});
await RED.start();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const stop = () => {
  rmSync(userDir, { recursive: true, force: true });
  process.exit(0);
};
process.stdin.on('end', stop).resume();
process.stdout.write(`${JSON.stringify({ host: `127.0.0.1:${server.address().port}` })}\n`);
