// The person in front of the browser. There is none: each question of the authorization server is
// answered here at once. `login_hint` says who it is; `deny` is somebody who refuses.

export const answerFor = (provider) => async (req, res) => {
  const asked = await provider.interactionDetails(req, res);
  const who = asked.params.login_hint || 'alice';
  if (who === 'deny') {
    const refusal = { error: 'access_denied', error_description: 'the person refused' };
    return provider.interactionFinished(req, res, refusal, { mergeWithLastSubmission: false });
  }
  if (asked.prompt.name === 'login') {
    return provider.interactionFinished(req, res, { login: { accountId: who } });
  }
  const consent = { grantId: await grantFor(provider, asked) };
  return provider.interactionFinished(req, res, { consent }, { mergeWithLastSubmission: true });
};

// Grants all that is asked for, on top of an earlier grant of the same session.
const grantFor = async (provider, { grantId, session, params, prompt }) => {
  const earlier = grantId && (await provider.Grant.find(grantId));
  const grant = earlier || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope, missingOIDCClaims } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims) grant.addOIDCClaims(missingOIDCClaims);
  return grant.save();
};
