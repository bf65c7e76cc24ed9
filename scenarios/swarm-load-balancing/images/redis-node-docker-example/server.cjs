// Counts its requests in the Redis that is found under the name `redis`, and says which container answered.
const { createServer } = require('node:http');
const { hostname } = require('node:os');
const { createClient } = require('@redis/client');

const BUILD = 1;
const PATIENCE_MS = 10_000;
/** A request that comes before Redis has been met waits this long for it. */
const START_PATIENCE_MS = 20_000;

const report = (error) => process.stderr.write(`redis: ${error.message || error.code}\n`);

// It finds Redis again by itself whenever that has been away. With the offline queue, a request made meanwhile
// would hang until it is back.
const redis = createClient({
  socket: {
    host: process.env.REDIS_HOST ?? 'redis',
    port: Number(process.env.REDIS_PORT ?? 6379),
    connectTimeout: 2000,
    reconnectStrategy: (attempt) => Math.min(100 + attempt * 100, 1000),
  },
  disableOfflineQueue: true,
});
// Without a listener its first failure would end the process.
redis.on('error', report);
const connected = redis.connect();
connected.catch(report);

const within = (promise, milliseconds) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis did not answer in time')), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

const count = async (address) => {
  const [total, , byAddress] = await redis
    .multi()
    .incr('requests')
    .hIncrBy('requests:by-ip', address, 1)
    .hGetAll('requests:by-ip')
    .exec();
  return { total, byAddress };
};

const page = ({ total, byAddress }) =>
  [
    'This page was generated after talking to redis.',
    '',
    `Application Build: ${BUILD}`,
    `Container: ${hostname()}`,
    `Total requests: ${total}`,
    'IP count:',
    ...Object.entries(byAddress).map(([address, times]) => `    ${address}: ${times}`),
    '',
  ].join('\n');

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.env.PORT ?? 3000));

async function answer(request, response) {
  // One connection, one request: otherwise a browser would stay with the container that it met first.
  response.setHeader('Connection', 'close');
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  // For the image's health check, which is no request to be counted and says nothing of Redis: a swarm would
  // otherwise end the application whenever Redis is away.
  if (request.url === '/health') {
    response.end('listening\n');
    return;
  }
  if (request.url !== '/') {
    response.writeHead(404).end('Only / is served here.\n');
    return;
  }
  try {
    const address = (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
    await within(connected, START_PATIENCE_MS);
    response.end(page(await within(count(address), PATIENCE_MS)));
  } catch {
    response
      .writeHead(503)
      .end(
        `Container ${hostname()} cannot reach Redis under the name "redis" yet. Is that service running?\n`,
      );
  }
}

// As process 1 it gets no default handling of signals.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
