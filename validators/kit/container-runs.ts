import type { Container, EngineEvent } from './cluster-view.ts';

/** A container that has run, whether or not it is still there. */
export type ContainerRun = {
  id: string;
  name: string;
  image: string;
  /** What it runs; null where it was gone before that could be seen. */
  command: string | null;
  /** Names of the networks that it is or was on. */
  networks: readonly string[];
  /** Null while it runs, and where the end was not seen. */
  exitCode: number | null;
  /** Whether a service of the swarm has started it, and not the learner. */
  ofService: boolean;
  /** Whether it is there, running or not. */
  exists: boolean;
  /** What `docker exec` has run in it, on the networks that it was on then. */
  execs: readonly { command: string; networks: readonly string[]; exitCode: number | null }[];
};

type Known = {
  run: Omit<ContainerRun, 'networks' | 'execs'>;
  started: boolean;
  networks: Set<string>;
  /** Those that it is on at this moment; null where no event has told of any. */
  current: Set<string> | null;
  /** By the id of the exec; `networks` are null as `current`. */
  execs: Map<string, { command: string; networks: string[] | null; exitCode: number | null }>;
};

const EXEC = /^exec_(create|start|die)(?:: (.*))?$/s;

/** Puts together what a host's engine has said of each container: in its events, and of those that are there. */
export function containerRuns(
  events: readonly EngineEvent[],
  containers: readonly Container[],
): readonly ContainerRun[] {
  const known = new Map<string, Known>();
  const at = (id: string, attributes: EngineEvent['attributes'] = {}): Known => {
    const found = known.get(id) ?? {
      run: { id, name: '', image: '', command: null, exitCode: null, ofService: false, exists: false },
      started: false,
      networks: new Set(),
      current: null,
      execs: new Map(),
    };
    known.set(id, found);
    if (attributes['image'] !== undefined) {
      found.run.image = attributes['image'];
      found.run.name = attributes['name'] ?? found.run.name;
      found.run.ofService ||= 'com.docker.swarm.service.id' in attributes;
    }
    return found;
  };
  for (const event of events) {
    if (event.type === 'container') readContainerEvent(at(event.id, event.attributes), event);
    else if (event.type === 'network') readNetworkEvent(at, event);
  }
  for (const container of containers) {
    const { run, networks } = at(container.id);
    run.name = container.names[0] ?? run.name;
    run.image = container.image || run.image;
    run.command = container.command;
    run.ofService ||= container.serviceId !== null;
    run.exists = true;
    for (const { name } of container.networks) networks.add(name);
    if (container.state !== 'created') at(container.id).started = true;
  }
  return [...known.values()]
    .filter(({ started }) => started)
    .map(({ run, networks, execs }) => ({
      ...run,
      networks: [...networks],
      // Of a container that is older than what is known of its host, there is no more than where it is now.
      execs: [...execs.values()].map((exec) => ({ ...exec, networks: exec.networks ?? [...networks] })),
    }));
}

function readContainerEvent(known: Known, { action, attributes, command }: EngineEvent): void {
  const [, step, commandOfExec] = EXEC.exec(action) ?? [];
  if (step !== undefined) {
    const id = attributes['execID'] ?? '';
    const networks = known.current && [...known.current];
    const exec = known.execs.get(id) ?? { command: '', networks, exitCode: null };
    known.execs.set(id, exec);
    if (commandOfExec !== undefined) exec.command = commandOfExec.trim();
    if (step === 'die') exec.exitCode = numberOf(attributes['exitCode']);
    return;
  }
  if (command !== undefined) known.run.command = command;
  if (action === 'start') {
    known.started = true;
    known.run.exitCode = null;
  } else if (action === 'die') known.run.exitCode = numberOf(attributes['exitCode']);
}

function readNetworkEvent(at: (id: string) => Known, { action, attributes }: EngineEvent): void {
  const { container, name } = attributes;
  if (container === undefined || name === undefined) return;
  const known = at(container);
  known.current ??= new Set();
  if (action === 'connect') {
    known.networks.add(name);
    known.current.add(name);
  } else if (action === 'disconnect') known.current.delete(name);
}

const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
