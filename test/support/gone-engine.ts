import type { ExternalAnswer } from '../../server/engines/external/external-answer.ts';

/** What a Docker engine has said of itself that is there no more. */
export const GONE_ENGINE: ExternalAnswer = {
  environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  id: 'gone',
  version: '26.1.5',
  os: 'linux',
  architecture: 'x86_64',
  kernel: '6.1.0',
  memoryMiB: 4096,
  cores: 2,
  storageDriver: 'overlay2',
  cgroupVersion: '2',
  rootless: false,
};
