import { z } from 'zod';
import type {
  Container,
  EngineEvent,
  Network,
  PublishedPort,
  Service,
  SwarmInfo,
  SwarmNode,
  Task,
} from '../../validators/kit/index.ts';

/** What the Docker API says, reduced to what validators look at. Absent and null are the same to Go. */

const LONGEST_TEXT = 500;

/** A host's text ends up before a learner's eyes: bounded, and on one line. */
const text = z
  .string()
  .nullish()
  .transform((value) => {
    const line = (value ?? '').replace(/\s+/g, ' ');
    if (line.length <= LONGEST_TEXT) return line;
    // A part of a string keeps the whole of it in memory, and events are kept for as long as the lab lives.
    return Buffer.from(line.slice(0, LONGEST_TEXT)).toString();
  });

/**
 * Lists and maps that stop at the first thing in them that is wrong: a host may send a million, and zod would write a
 * report on each.
 */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(z.unknown())
    .nullish()
    .transform((items, context) => [...readEach(item, (items ?? []).entries(), context).values()]);
const mapOf = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((map, context) => Object.fromEntries(readEach(value, Object.entries(map ?? {}), context)));

function readEach<K extends PropertyKey, T extends z.ZodType>(
  schema: T,
  entries: Iterable<[K, unknown]>,
  context: z.RefinementCtx,
): ReadonlyMap<K, z.output<T>> {
  const read = new Map<K, z.output<T>>();
  for (const [key, value] of entries) {
    const parsed = schema.safeParse(value);
    if (parsed.success) read.set(key, parsed.data);
    else {
      context.addIssue({ code: 'custom', path: [key], message: parsed.error.issues[0]?.message ?? '' });
      break;
    }
  }
  return read;
}

export const swarmInfo = z
  .object({
    Swarm: z.object({
      LocalNodeState: z.enum(['', 'inactive', 'pending', 'active', 'error', 'locked']),
      NodeID: text,
      ControlAvailable: z.boolean().nullish(),
      Error: text,
    }),
  })
  .transform(({ Swarm: swarm }): SwarmInfo => ({
    state: swarm.LocalNodeState === '' ? 'inactive' : swarm.LocalNodeState,
    nodeId: swarm.NodeID,
    manager: swarm.ControlAvailable ?? false,
    error: swarm.Error,
  }));

export const nodes = listOf(
  z
    .object({
      ID: z.string(),
      Spec: z.object({ Role: z.enum(['manager', 'worker']), Availability: text }),
      Description: z.object({ Hostname: text }),
      Status: z.object({ State: text }),
    })
    .transform((node): SwarmNode => ({
      id: node.ID,
      hostname: node.Description.Hostname,
      role: node.Spec.Role,
      state: node.Status.State,
      availability: node.Spec.Availability,
    })),
);

const port = z
  .object({
    PublishedPort: z.int().nullish(),
    TargetPort: z.int().nullish(),
    Protocol: text,
    PublishMode: text,
  })
  .transform((each): PublishedPort => ({
    published: each.PublishedPort ?? 0,
    target: each.TargetPort ?? 0,
    protocol: each.Protocol === 'udp' || each.Protocol === 'sctp' ? each.Protocol : 'tcp',
    mode: each.PublishMode === 'host' ? 'host' : 'ingress',
  }));

const mode = z.object({
  Replicated: z.object({ Replicas: z.int().nullish() }).nullish(),
  Global: z.object({}).nullish(),
});

export const services = listOf(
  z
    .object({
      ID: z.string(),
      Spec: z.object({
        Name: text,
        Mode: mode,
        TaskTemplate: z.object({
          ContainerSpec: z.object({ Image: text }).nullish(),
          Networks: listOf(z.object({ Target: text })),
        }),
        Networks: listOf(z.object({ Target: text })),
        EndpointSpec: z.object({ Mode: text }).nullish(),
      }),
      Endpoint: z
        .object({
          Ports: listOf(port),
          VirtualIPs: listOf(z.object({ NetworkID: text, Addr: text })),
        })
        .nullish(),
    })
    .transform(({ ID, Spec, Endpoint }): Service => ({
      id: ID,
      name: Spec.Name,
      mode: Spec.Mode.Replicated ? 'replicated' : Spec.Mode.Global ? 'global' : 'job',
      replicas: Spec.Mode.Replicated ? (Spec.Mode.Replicated.Replicas ?? 1) : null,
      image: Spec.TaskTemplate.ContainerSpec?.Image ?? '',
      endpointMode: Spec.EndpointSpec?.Mode === 'dnsrr' ? 'dnsrr' : 'vip',
      networks: [...Spec.TaskTemplate.Networks, ...Spec.Networks].map((network) => network.Target),
      ports: Endpoint?.Ports ?? [],
      virtualIps: (Endpoint?.VirtualIPs ?? []).map((each) => ({
        networkId: each.NetworkID,
        address: each.Addr.split('/')[0] ?? '',
      })),
    })),
);

export const tasks = listOf(
  z
    .object({
      ID: z.string(),
      ServiceID: text,
      NodeID: text,
      DesiredState: text,
      Spec: z.object({ ContainerSpec: z.object({ Image: text }).nullish() }).nullish(),
      Status: z.object({
        State: text,
        Err: text,
        ContainerStatus: z.object({ ContainerID: text }).nullish(),
      }),
    })
    .transform((task): Task => ({
      id: task.ID,
      serviceId: task.ServiceID,
      nodeId: task.NodeID,
      state: task.Status.State,
      desired: task.DesiredState,
      containerId: task.Status.ContainerStatus?.ContainerID ?? '',
      image: task.Spec?.ContainerSpec?.Image ?? '',
      error: task.Status.Err,
    })),
);

export const networks = listOf(
  z
    .object({ Id: z.string(), Name: text, Driver: text, Scope: text, Attachable: z.boolean().nullish() })
    .transform((network): Network => ({
      id: network.Id,
      name: network.Name,
      driver: network.Driver,
      scope: network.Scope,
      attachable: network.Attachable ?? false,
    })),
);

export const containers = listOf(
  z
    .object({
      Id: z.string(),
      Names: listOf(z.string()),
      Image: text,
      Command: text,
      State: text,
      Labels: mapOf(z.string()),
      NetworkSettings: z.object({ Networks: mapOf(z.object({ NetworkID: text })) }).nullish(),
    })
    .transform((container): Container => ({
      id: container.Id,
      names: container.Names.map((name) => name.replace(/^\//, '')),
      image: container.Image,
      command: container.Command,
      state: container.State,
      networks: Object.entries(container.NetworkSettings?.Networks ?? {}).map(([name, { NetworkID }]) => ({
        name,
        id: NetworkID,
      })),
      serviceId: container.Labels['com.docker.swarm.service.id'] ?? null,
    })),
);

/** Its first process; 0 where it does not run. */
export const containerPid = z
  .object({ State: z.object({ Pid: z.int().nonnegative() }) })
  .transform((container) => container.State.Pid);

/** What it runs, entry point and all, as one line. */
export const containerCommand = z
  .object({ Config: z.object({ Entrypoint: listOf(z.string()), Cmd: listOf(z.string()) }) })
  .transform(({ Config }) => text.parse([...Config.Entrypoint, ...Config.Cmd].join(' ')));

/** What validators ask of an event; the rest, labels above all, may be of any size. */
const ATTRIBUTES = new Set([
  ...['name', 'image', 'exitCode', 'execID', 'container', 'type'],
  ...['com.docker.swarm.service.id', 'com.docker.swarm.service.name'],
]);

export const event = z
  .object({
    Type: text,
    Action: text,
    Actor: z.object({ ID: text, Attributes: mapOf(text) }),
    timeNano: z.number().nullish(),
  })
  .transform(({ Type, Action, Actor, timeNano }): EngineEvent => ({
    at: (timeNano ?? 0) / 1e6,
    type: Type,
    action: Action,
    id: Actor.ID,
    attributes: Object.fromEntries(Object.entries(Actor.Attributes).filter(([name]) => ATTRIBUTES.has(name))),
  }));

export const containerHostname = z
  .object({ Config: z.object({ Hostname: z.string().refine((name) => name.length <= 255) }) })
  .transform((container) => container.Config.Hostname);

/** The IPv4 addresses that containers have on a network, by their ids. */
export const networkAddresses = z.object({ Containers: mapOf(z.object({ IPv4Address: text })) }).transform(
  ({ Containers }): ReadonlyMap<string, string> =>
    new Map(
      Object.entries(Containers).flatMap(([id, { IPv4Address }]) => {
        const address = z.ipv4().safeParse(IPv4Address.split('/')[0]);
        return address.success ? [[id, address.data]] : [];
      }),
    ),
);
