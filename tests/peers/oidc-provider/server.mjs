// A certified authorization server (npm oidc-provider) and an API behind it, for tests on
// loopback. The first line on standard output is JSON: {issuer, api}. Ends when its standard
// input does, so that it never outlives the test that started it.
//
// settings.mjs: what can be chosen. /control/*: what a test can do to it while it runs.

import http from 'node:http';
import { Provider } from 'oidc-provider';
import { applyFault, setFaults, takeFault } from './faults.mjs';
import { MemoryAdapter, forget } from './memory.mjs';
import { answerFor } from './person.mjs';
import { clients, scopes, settings, tokenExchange } from './settings.mjs';
import { exchange } from './token_exchange.mjs';

const server = http.createServer();
await new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(settings.port, '127.0.0.1', resolve);
});
const issuer = `http://127.0.0.1:${server.address().port}`;

const { accessTokenTtl, refreshTokenTtl, codeTtl } = settings;
// It warns about keys and cookies that are good enough for a test.
console.warn = () => {};
console.info = () => {};
const provider = new Provider(issuer, {
  adapter: MemoryAdapter,
  clients,
  scopes,
  claims: { openid: ['sub'], email: ['email'] },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, email: `${sub}@example.test` }) }),
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    introspection: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: settings.parRequired },
  },
  pkce: { required: () => settings.pkceRequired },
  rotateRefreshToken: settings.rotate,
  issueRefreshToken: async (ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: accessTokenTtl, RefreshToken: refreshTokenTtl, AuthorizationCode: codeTtl,
    Grant: refreshTokenTtl, Session: refreshTokenTtl, Interaction: 600, IdToken: 300,
    ClientCredentials: accessTokenTtl, DeviceCode: 600, PushedAuthorizationRequest: 60,
  },
  interactions: { url: (ctx, interaction) => `/person/${interaction.uid}` },
  cookies: { keys: ['signs the cookies of a test'] },
  renderError: (ctx, out) => {
    ctx.type = 'json';
    ctx.body = out;
  },
});

provider.registerGrantType(tokenExchange, exchange(provider), [
  'audience', 'resource', 'scope', 'requested_token_type',
  'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type',
], ['audience', 'resource']);

const stats = { tokens: {}, token_requests: 0, revocations: 0, api_calls: 0, log: [] };
const tally = (outcome) => {
  stats.tokens[outcome] = (stats.tokens[outcome] ?? 0) + 1;
};
provider.on('grant.success', (ctx) => tally(`${ctx.oidc.params.grant_type} ok`));
provider.on('grant.error', (ctx, error) => {
  tally(`${ctx.oidc?.params?.grant_type} ${error.error}`);
  stats.log.push(`${error.error}: ${error.error_detail ?? error.error_description}`);
});
provider.on('server_error', (ctx, error) => stats.log.push(`server_error: ${error.stack}`));

const sendJson = (res, status, value, headers = {}) => {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(value));
};

const readText = async (req) => {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

// The API: says back what it was sent, to whoever holds a live token.
const echo = async (req, res, url) => {
  stats.api_calls += 1;
  const body = await readText(req);
  const [, token] = /^Bearer (.+)$/i.exec(req.headers.authorization ?? '') ?? [];
  if (!token) return sendJson(res, 401, { error: 'no_token' }, { 'www-authenticate': 'Bearer' });
  const ofPerson = await provider.AccessToken.find(token);
  const ofClient = await provider.ClientCredentials.find(token);
  const live = ofClient ?? (ofPerson && (await provider.Grant.find(ofPerson.grantId)) && ofPerson);
  if (!live) {
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    return sendJson(res, 401, { error: 'invalid_token' }, challenge);
  }
  const { authorization, ...headers } = req.headers;
  return sendJson(res, 200, {
    account: live.accountId, client: live.clientId, scope: live.scope,
    method: req.method, path: url.pathname, query: [...url.searchParams], headers, body,
  });
};

// What a test does to the peer.
const controls = {
  '/control/stats': () => stats,
  '/control/faults': (list) => {
    setFaults(list);
    return { faults: list.length };
  },
  // The person withdraws consent in the account's settings.
  '/control/revoke-grants': () => {
    forget('AccessToken', 'RefreshToken', 'AuthorizationCode');
    return { grants: forget('Grant') };
  },
  // A token that a person got elsewhere.
  '/control/issue-token': async ({ client, account, scope }) => {
    const grant = new provider.Grant({ accountId: account, clientId: client });
    grant.addOIDCScope(scope);
    const kept = { accountId: account, client: await provider.Client.find(client), grantId: await grant.save() };
    return { token: await new provider.AccessToken({ ...kept, gty: 'authorization_code', scope }).save() };
  },
  '/control/expire-access-tokens': () => ({ tokens: forget('AccessToken', 'ClientCredentials') }),
  // Nobody entered the code in time.
  '/control/expire-device-codes': () => ({ codes: forget('DeviceCode') }),
};

const askPerson = answerFor(provider);
const authorizationServer = provider.callback();

const route = async (req, res) => {
  const url = new URL(req.url, issuer);
  const control = controls[url.pathname];
  if (control) return sendJson(res, 200, await control(JSON.parse((await readText(req)) || 'null')));
  if (url.pathname === '/token') stats.token_requests += 1;
  if (url.pathname === '/token/revocation') stats.revocations += 1;
  const fault = takeFault(url.pathname);
  if (fault && !(await applyFault(fault, req, res))) return undefined;
  if (url.pathname.startsWith('/person/')) return askPerson(req, res);
  if (url.pathname.startsWith('/api/')) return echo(req, res, url);
  return authorizationServer(req, res);
};

server.on('request', (req, res) => {
  route(req, res).catch((error) => {
    stats.log.push(`peer: ${error.stack}`);
    if (!res.headersSent) sendJson(res, 500, { error: 'peer', message: error.message });
  });
});

process.stdin.on('end', () => process.exit(0)).resume();
process.stdout.write(`${JSON.stringify({ issuer, api: `${issuer}/api` })}\n`);
