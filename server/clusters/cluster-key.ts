import ssh2 from 'ssh2';

/** What hosts of a cluster know each other by, in OpenSSH's format. */
export type ClusterKey = { private: string; public: string };

export const newClusterKey = (id: string): ClusterKey =>
  ssh2.utils.generateKeyPairSync('ed25519', { comment: `drydock-${id}` });
