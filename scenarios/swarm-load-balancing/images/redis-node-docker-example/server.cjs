// Counts its requests in the Redis that is found under the name `redis`, and says which container answered.
const { createServer } = require('node:http');
const { connect } = require('node:net');
const { hostname } = require('node:os');
const { setTimeout: wait } = require('node:timers/promises');

const BUILD = 1;
const HOST = process.env.REDIS_HOST ?? 'redis';
const PORT = Number(process.env.REDIS_PORT ?? 6379);
/** For so long a request waits for Redis, which may be starting. */
const PATIENCE_MS = 10_000;
const RETRY_MS = 500;

/**
 * Send commands to Redis on a connection of their own and give the lines of its answers. A client library would
 * keep the connection, but loading one takes as long as Node.js itself where the processor is emulated.
 */
const ask = (commands) =>
  new Promise((resolve, reject) => {
    let said = '';
    const socket = connect({ host: HOST, port: PORT, timeout: PATIENCE_MS });
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write([...commands, 'QUIT', ''].join('\r\n')));
    socket.on('data', (text) => (said += text));
    socket.on('end', () => resolve(said.split('\r\n')));
    socket.on('timeout', () => socket.destroy(new Error('Redis did not answer in time')));
    socket.on('error', reject);
  });

/** Not found under its name, or nobody listening there: nothing has been counted, so asking again is safe. */
const isAway = (error) => ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH'].includes(error.code);

async function patiently(work) {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || performance.now() > deadline) throw error;
      await wait(RETRY_MS);
    }
  }
}

/** The total of requests, and how often each address has asked, this request included. */
async function count(address) {
  const [total, , size, ...rest] = await ask([
    'INCR requests',
    `HINCRBY requests:by-ip ${address} 1`,
    'HGETALL requests:by-ip',
  ]);
  if (!/^:\d+$/.test(total) || !/^\*\d+$/.test(size)) throw new Error(`Redis said ${total}`);
  // A line with its length stands before each text.
  const texts = rest.slice(0, 2 * Number(size.slice(1))).filter((_, index) => index % 2 === 1);
  const byAddress = texts.flatMap((text, index) => (index % 2 === 0 ? [[text, texts[index + 1]]] : []));
  return { total: Number(total.slice(1)), byAddress };
}

const page = ({ total, byAddress }) =>
  [
    'This page was generated after talking to redis.',
    '',
    `Application Build: ${BUILD}`,
    `Container: ${hostname()}`,
    `Total requests: ${total}`,
    'IP count:',
    ...byAddress.map(([address, times]) => `    ${address}: ${times}`),
    '',
  ].join('\n');

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
  const address = (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
  try {
    response.end(page(await patiently(() => count(address))));
  } catch (error) {
    process.stderr.write(`redis: ${error.message}\n`);
    response
      .writeHead(503)
      .end(
        `Container ${hostname()} cannot reach Redis under the name "redis" yet. Is that service running?\n`,
      );
  }
}

createServer((request, response) => void answer(request, response)).listen(Number(process.env.PORT ?? 3000));

// As process 1 it gets no default handling of signals.
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
