// Token exchange (RFC 8693) as a grant of the authorization server: whoever holds a live access token of
// a person gets another one for the same person, for the scopes asked for, and never for more than that.

import { errors } from 'oidc-provider';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export const exchange = (provider) => async (ctx) => {
  const { client, params } = ctx.oidc;
  if (params.subject_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest('subject_token_type is not known');
  const subject = await provider.AccessToken.find(params.subject_token ?? '');
  const grant = subject && (await provider.Grant.find(subject.grantId));
  if (!grant) throw new errors.InvalidRequest('subject_token is not valid');
  const asked = (params.scope ?? subject.scope).split(' ');
  const beyond = asked.filter((scope) => !subject.scopes.has(scope));
  if (beyond.length) throw new errors.InvalidScope('more than the subject_token may', beyond.join(' '));
  const token = new provider.AccessToken({
    accountId: subject.accountId, client, grantId: subject.grantId, gty: 'token_exchange', scope: asked.join(' '),
  });
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: ACCESS_TOKEN,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
};
