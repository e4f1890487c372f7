/**
 * What the provider stores: in memory, each tenant its own, gone with the process.
 *
 * @typedef {{ [field: string]: any, grantId?: string, uid?: string, consumed?: number }} Payload
 */
export function createStorage() {
  return () => {
    /** @type {Map<string, Payload>} */
    const stored = new Map();
    return {
      /** @param {string} id @param {Payload} payload */
      async upsert(id, payload) {
        stored.set(id, payload);
      },
      /** @param {string} id */
      async find(id) {
        return stored.get(id);
      },
      /** @param {string} uid */
      async findByUid(uid) {
        return [...stored.values()].find((payload) => payload.uid === uid);
      },
      /** @param {string} code */
      async findByUserCode(code) {
        return [...stored.values()].find((payload) => payload.userCode === code);
      },
      /** @param {string} id */
      async consume(id) {
        const payload = stored.get(id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      /** @param {string} id */
      async destroy(id) {
        stored.delete(id);
      },
      /** @param {string} grantId */
      async revokeByGrantId(grantId) {
        for (const [id, payload] of stored) if (payload.grantId === grantId) stored.delete(id);
      },
    };
  };
}
