// What the one who starts the peer chooses, all of it by environment variables.

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
};

export const scopes = ['openid', 'offline_access', 'email', 'items:read', 'items:write'];

// The Rust side of the tests knows these clients by `clients` in tests/peers/oidc_provider.rs.
const registered = [
  { client_id: 'sluis-basic', client_secret: 'basic-secret-of-the-test-peer', token_endpoint_auth_method: 'client_secret_basic' },
  { client_id: 'sluis-post', client_secret: 'post-secret-of-the-test-peer', token_endpoint_auth_method: 'client_secret_post' },
  // Every character here that means something in a header, a form or a URL.
  { client_id: 'sluis:odd/client+1', client_secret: 's3cr%3At: /?#[]@!$&\'()*+,;=%', token_endpoint_auth_method: 'client_secret_basic' },
  { client_id: 'sluis-public', token_endpoint_auth_method: 'none' },
];

export const clients = registered.map((client) => ({
  ...client,
  redirect_uris: settings.redirectUris,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  scope: scopes.join(' '),
}));
