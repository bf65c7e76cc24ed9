/** A pool of subnets that clusters take theirs from, in CIDR form; its prefix is 16 bits long. */
export const CLUSTER_POOL = '172.16.0.0/16';

/** A cluster's own addresses: a network of 28 bits, so that the pool holds 4,096 clusters. */
export type Subnet = { cidr: string; gateway: string; host(index: number): string; registry: string };

const HOSTS_FROM = 2;
/** The last address, which no host gets. */
const REGISTRY_AT = 14;
const BLOCK = 16;
const BLOCKS = 4096;

/** The pool's subnets in turn; `172.16.0.0/16` is in neither swarm's 10/8 nor in Docker's own pools. */
export function subnetAt(position: number, pool = CLUSTER_POOL): Subnet {
  const prefix = pool.split('.').slice(0, 2).join('.');
  const start = (position % BLOCKS) * BLOCK;
  const address = (offset: number) => `${prefix}.${(start + offset) >> 8}.${(start + offset) & 255}`;
  return {
    cidr: `${address(0)}/28`,
    gateway: address(1),
    host: (index) => address(HOSTS_FROM + index),
    registry: address(REGISTRY_AT),
  };
}

/**
 * The first position of the pool whose subnet shares no address with those in use.
 *
 * @param used networks in CIDR form; what is not IPv4 is passed over
 */
export function firstFreePosition(used: readonly string[], pool = CLUSTER_POOL): number {
  const taken = used.flatMap((cidr) => rangeOf(cidr) ?? []);
  for (let position = 0; position < BLOCKS; position++) {
    const own = rangeOf(subnetAt(position, pool).cidr);
    if (own && !taken.some(({ first, last }) => first <= own.last && own.first <= last)) return position;
  }
  throw new Error(`All ${BLOCKS} subnets of ${pool} are taken.`);
}

/** A network's first and last address as numbers. */
function rangeOf(cidr: string): { first: number; last: number } | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = parts;
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
