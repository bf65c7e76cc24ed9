// A program: makes a cluster on the engine that its environment names, and leaves it frozen. It is a process of its own
// because testcontainers finds an engine once a process, and this one is gone when its snapshot has been taken.
import { provisionOn } from '../clusters/provision.ts';
import { SpareOrder } from './spare-order.ts';

const { hosts, subnets, ground } = SpareOrder.parse(JSON.parse(process.argv[2] ?? ''));
// Whoever waits for it ends it.
const signal = new AbortController().signal;
const cluster = await provisionOn(ground, subnets)({ hosts }, () => undefined, signal);
await cluster.freeze();
// Connections to the engine are kept open, and would keep the process.
process.exit();
