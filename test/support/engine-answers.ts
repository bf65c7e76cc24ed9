import { createServer, type Server } from 'node:http';

/** What an engine answers that is asked what it is; a real one has more. */
export const ENGINE_INFO = {
  ID: 'an-engine',
  ServerVersion: '28.1.0',
  OSType: 'linux',
  Architecture: 'x86_64',
  KernelVersion: '6.12.0',
  MemTotal: 8 * 2 ** 30,
  NCPU: 4,
  Driver: 'overlay2',
  CgroupVersion: '2',
  SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'],
};

/** An engine that is whole, broken, or so busy that nobody wants to wait for it. */
export type EngineHealth = 'well' | 'broken' | 'silent';

/** Speaks as a Docker engine does that is asked what it is, and knows nothing else. Not yet listening. */
export function engineAnswers(health: EngineHealth, asked: string[] = []): Server {
  return createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (health === 'silent') return;
    response.statusCode = health === 'well' ? 200 : 500;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(health === 'well' ? ENGINE_INFO : { message: 'the disk is on fire' }));
  });
}
