/** A pool of subnets that clusters take theirs from, in CIDR form; its prefix is 16 bits long. */
export const CLUSTER_POOL = '172.16.0.0/16';

/** A cluster's own addresses: a network of 28 bits, so that the pool holds 4,096 clusters. */
export type Subnet = {
  cidr: string;
  gateway: string;
  host(index: number): string;
  registry: string;
  egress: string;
};

const HOSTS_FROM = 2;
/** The last addresses, which no host gets. */
const EGRESS_AT = 13;
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
    egress: address(EGRESS_AT),
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
    if (own && !taken.some((other) => overlap(own, other))) return position;
  }
  throw new Error(`All ${BLOCKS} subnets of ${pool} are taken.`);
}

/** Ranges that hosts, their engines and swarms have uses of their own for, or that are no machine's address. */
const TAKEN = [
  ...['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '198.18.0.0/16', '224.0.0.0/3'],
  // Docker's default pools begin at 172.17.0.0.
  ...['172.17.0.0/16', '172.18.0.0/15', '172.20.0.0/14', '172.24.0.0/13', '192.168.0.0/16'],
];

/** Why a range cannot be the pool that clusters take their subnets from; null where it can. */
export function poolProblem(pool: string): string | null {
  const own = /^\d+\.\d+\.0\.0\/16$/.test(pool) ? rangeOf(pool) : undefined;
  if (own === undefined || pool.split(/[./]/).some((part) => Number(part) > 255)) {
    return `It is a range of 16 bits, such as ${CLUSTER_POOL}`;
  }
  const met = TAKEN.find((cidr) => overlap(own, rangeOf(cidr)));
  return met === undefined ? null : `It meets ${met}, which is used otherwise`;
}

type Range = { first: number; last: number };

const overlap = (one: Range, other: Range | undefined): boolean =>
  other !== undefined && one.first <= other.last && other.first <= one.last;

/** A network's first and last address as numbers. */
function rangeOf(cidr: string): Range | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr)?.slice(1).map(Number);
  if (!parts) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = parts;
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
