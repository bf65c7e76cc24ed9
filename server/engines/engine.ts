import type { Proxies } from './proxies.ts';

/** The variables that make a Docker client talk to an engine. */
export type DockerEnvironment = Readonly<{
  DOCKER_HOST: string;
  DOCKER_TLS_VERIFY?: string;
  /** A folder with ca.pem, cert.pem and key.pem. */
  DOCKER_CERT_PATH?: string;
}>;

/** A Docker engine. Disposing it stops it. */
export interface Engine extends AsyncDisposable {
  readonly environment: DockerEnvironment;
  /** What all its containers have together. */
  readonly memoryMiB: number;
  /** Aborts, with the reason, when the engine ends by itself. */
  readonly failed: AbortSignal;
}

/** An engine that images are built on. */
export interface BuildEngine extends Engine {
  /** What containers on the engine's own network fetch packages through. */
  readonly proxies: Proxies;
}

/** An engine that clusters run on, which may outlive the server. */
export interface LabEngine extends Engine {
  /** Whether it ran before this start, so that there may be labs on it. */
  readonly adopted: boolean;
  /** Its name for this run of it: what lay in its snapshot is there again, under the same labels, in another. */
  readonly run: string;
  /** Whether it runs still. Asked where something on it has failed, which may be known before `failed` says why. */
  runs(): Promise<boolean>;
  /**
   * It ends itself, and all that runs on it, when so many seconds have gone by without another lease. Where this machine
   * has slept meanwhile, it is told the time as well.
   */
  lease(seconds: number): Promise<void>;
  /** Let go of it without stopping it: another start can adopt it. */
  release(): void;
}
