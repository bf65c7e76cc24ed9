/** The variables that make a Docker client talk to an engine. */
export type DockerEnvironment = Readonly<{
  DOCKER_HOST: string;
  DOCKER_TLS_VERIFY?: string;
  /** A folder with ca.pem, cert.pem and key.pem. */
  DOCKER_CERT_PATH?: string;
}>;

/** A Docker engine that clusters run on. Disposing it stops it. */
export interface Engine extends AsyncDisposable {
  readonly environment: DockerEnvironment;
  /** What all its containers have together. */
  readonly memoryMiB: number;
  /** Aborts, with the reason, when the engine ends by itself. */
  readonly failed: AbortSignal;
}
