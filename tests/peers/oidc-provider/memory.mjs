// The storage of the authorization server: a map per kind of thing, so that a test can reach in
// and make tokens expire or grants vanish.

const kinds = new Map();
const now = () => Math.floor(Date.now() / 1000);

const recordsOf = (kind) => {
  if (!kinds.has(kind)) kinds.set(kind, new Map());
  return kinds.get(kind);
};

// The interface that oidc-provider asks of an adapter.
export class MemoryAdapter {
  constructor(kind) {
    this.records = recordsOf(kind);
  }

  async upsert(id, payload, expiresIn) {
    this.records.set(id, { payload, expires: expiresIn ? now() + expiresIn : Infinity });
  }

  async find(id) {
    const record = this.records.get(id);
    return record && record.expires > now() ? record.payload : undefined;
  }

  async #findBy(field, value) {
    for (const [id, { payload }] of this.records) if (payload[field] === value) return this.find(id);
    return undefined;
  }

  findByUid(uid) {
    return this.#findBy('uid', uid);
  }

  findByUserCode(userCode) {
    return this.#findBy('userCode', userCode);
  }

  async consume(id) {
    const record = this.records.get(id);
    if (record) record.payload.consumed = now();
  }

  async destroy(id) {
    this.records.delete(id);
  }

  async revokeByGrantId(grantId) {
    for (const [id, { payload }] of this.records) if (payload.grantId === grantId) this.records.delete(id);
  }
}

// Forgets everything of these kinds; says how many there were.
export const forget = (...names) => {
  let count = 0;
  for (const name of names) {
    count += recordsOf(name).size;
    recordsOf(name).clear();
  }
  return count;
};
