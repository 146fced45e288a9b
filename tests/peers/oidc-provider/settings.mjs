// What the one who starts the peer chooses, all of it by environment variables.

import { createPublicKey } from 'node:crypto';

const seconds = (name, otherwise) => {
  const text = process.env[name];
  if (text === undefined || text === '') return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} must be a whole number of seconds, not "${text}"`);
  return number;
};

const flag = (name, otherwise) => {
  const text = process.env[name] ?? '';
  return text === '' ? otherwise : text === '1';
};

export const settings = {
  // 0 lets the system choose; the first line on standard output tells.
  port: Number(process.env.PORT || 0),
  redirectUris: (process.env.REDIRECT_URIS || 'http://127.0.0.1:8080/oauth/callback').split(' ').filter(Boolean),
  accessTokenTtl: seconds('ACCESS_TOKEN_TTL', 60),
  refreshTokenTtl: seconds('REFRESH_TOKEN_TTL', 86_400),
  codeTtl: seconds('CODE_TTL', 60),
  // Without rotation a second use of a refresh token is allowed, as at lenient providers.
  rotate: flag('ROTATE', true),
  pkceRequired: flag('PKCE_REQUIRED', true),
  // Whether every authorization request must have been pushed (RFC 9126).
  parRequired: flag('PAR_REQUIRED', false),
};

export const scopes = ['openid', 'offline_access', 'email', 'items:read', 'items:write'];

// The Rust side of the tests knows these clients by `clients` in tests/peers/oidc_provider.rs.
const registered = [
  { client_id: 'sluis-basic', client_secret: 'basic-secret-of-the-test-peer', token_endpoint_auth_method: 'client_secret_basic' },
  { client_id: 'sluis-post', client_secret: 'post-secret-of-the-test-peer', token_endpoint_auth_method: 'client_secret_post' },
  // Every character here that means something in a header, a form or a URL.
  { client_id: 'sluis:odd/client+1', client_secret: 's3cr%3At: /?#[]@!$&\'()*+,;=%', token_endpoint_auth_method: 'client_secret_basic' },
  { client_id: 'sluis-public', token_endpoint_auth_method: 'none' },
  // Signs its assertions with its secret, which is as long as HS256 wants it.
  { client_id: 'sluis-mac', client_secret: 'mac-secret-of-the-test-peer-of-32-bytes-and-more', token_endpoint_auth_method: 'client_secret_jwt' },
];

// The public half of the key with which `sluis-key` signs its assertions, in PEM.
if (process.env.CLIENT_KEY) {
  const key = createPublicKey(process.env.CLIENT_KEY).export({ format: 'jwk' });
  const use = { use: 'sig', alg: 'RS256', kid: process.env.CLIENT_KEY_ID || undefined };
  registered.push({ client_id: 'sluis-key', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...key, ...use }] } });
}

export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const clients = registered.map((client) => {
  const grants = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
  // A client that proves nothing cannot act for itself.
  const alone = client.token_endpoint_auth_method === 'none' ? [] : ['client_credentials', tokenExchange];
  return {
    ...client,
    redirect_uris: settings.redirectUris,
    grant_types: [...grants, ...alone],
    response_types: ['code'],
    scope: scopes.join(' '),
  };
});
