import { z } from 'zod';

/** What an engine says of itself, as the program that asks it prints it. */
export const ExternalAnswer = z.strictObject({
  /** The variables by which everybody else finds it. */
  environment: z.strictObject({
    DOCKER_HOST: z.string(),
    DOCKER_TLS_VERIFY: z.string().exactOptional(),
    DOCKER_CERT_PATH: z.string().exactOptional(),
  }),
  /** Its own name for itself; empty where it has none. */
  id: z.string(),
  version: z.string(),
  os: z.string(),
  architecture: z.string(),
  kernel: z.string(),
  memoryMiB: z.number(),
  cores: z.number(),
  storageDriver: z.string(),
  cgroupVersion: z.string(),
  rootless: z.boolean(),
});
export type ExternalAnswer = z.infer<typeof ExternalAnswer>;
