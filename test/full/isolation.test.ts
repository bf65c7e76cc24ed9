import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster, Host } from '../../server/clusters/cluster.ts';
import { enforcedLimits } from '../../server/clusters/host-limits.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import type { LabEngine } from '../../server/engines/engine.ts';
import { HUB } from '../../server/images/registry.ts';
import { listen } from '../support/listen.ts';
import { provisionTestCluster, startTestEngine } from '../support/test-engine.ts';

const MINUTE = 60_000;
/** Nobody renews the engine's lease here, on however slow a machine. */
const TESTS_LAST_SECONDS = 3600;
const EPERM = 1;
const ENOSYS = 38;

let engine: LabEngine;
let cluster: Cluster;
let other: Cluster;

beforeAll(async () => {
  engine = await startTestEngine();
  [cluster, other] = await Promise.all([
    provisionTestCluster(['host01', 'host02']),
    provisionTestCluster(['host01']),
  ]);
}, 10 * MINUTE);

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
}, MINUTE);

describe('a host', () => {
  test(
    'reaches neither the engine, nor the machine that it runs on, nor another cluster, nor the world',
    async () => {
      // What is served on the machine, as Drydock's own page is.
      let visitors = 0;
      await using served = await listen(createServer(() => (visitors += 1)));
      const { port } = served;
      const theirs = addressOf(other);
      const gateway = (await works(cluster, "ip route | awk '/default/ {print $3}'")).trim();
      const refused = [
        // The engine, on every address that it has, and what else could be served there.
        ...['10.0.2.15', gateway, gatewayOf(theirs), '198.18.0.1'].flatMap((address) =>
          [22, 53, 2375, 2376].map((engines) => `${address}:${engines}`),
        ),
        // The machine outside, as its virtual network shows it.
        ...[`10.0.2.2:${port}`, '10.0.2.2:22', '10.0.2.3:53'],
        ...[22, 2376, 2377].map((theirPort) => `${theirs}:${theirPort}`),
        ...['169.254.169.254:80', '1.1.1.1:443', '192.168.0.1:80', '100.64.0.1:80'],
        ...[22, 80, 2376, 5000].map((others) => `${HUB.address}:${others}`),
      ];
      expect(await reached(cluster, [...refused, `${HUB.address}:443`])).toEqual([`${HUB.address}:443`]);
      expect(await reached(other, [`${addressOf(cluster)}:22`, `${gateway}:2376`])).toEqual([]);
      expect(visitors).toBe(0);
      // Its neighbour it does reach: nothing is wrong with the question.
      expect(await reached(cluster, [`${addressOf(cluster, 'host02')}:22`])).toHaveLength(1);
    },
    3 * MINUTE,
  );

  test(
    'reaches nothing more under an address that is not its own, nor over IPv6',
    async () => {
      const theirs = addressOf(other);
      // As the engine, and as a host of the other cluster, on the same wire as its gateway.
      for (const mine of ['10.0.2.15', gatewayOf(theirs), `${theirs.replace(/\d+$/, '')}14`]) {
        await works(cluster, `ip address add ${mine}/32 dev eth0`);
        const from = await reached(cluster, [`${theirs}:22`, '10.0.2.2:22'], `--interface ${mine}`);
        expect(from).toEqual([]);
        await works(cluster, `ip address del ${mine}/32 dev eth0`);
      }
      const answers = await works(
        cluster,
        `sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; sleep 2
         ping -6 -c 2 -W 2 ff02::1%eth0 | grep -o 'fe80[^ %:]*:[0-9a-f:]*' | sort -u
         for engine in $(ip -6 neigh | grep -o '^fe80[^ ]*'); do
           curl -sk -m 3 -o /dev/null "https://[$engine%25eth0]:2376/" && echo "reached $engine"
         done; true`,
      );
      expect(answers).not.toContain('reached');
    },
    3 * MINUTE,
  );

  test(
    'asks the kernel in vain for what would concern all hosts',
    async () => {
      // As Linux numbers them on this architecture.
      const refused = {
        init_module: [175, EPERM],
        finit_module: [313, EPERM],
        delete_module: [176, EPERM],
        kexec_load: [246, EPERM],
        reboot: [169, EPERM],
        syslog: [103, EPERM],
        clock_settime: [227, EPERM],
        adjtimex: [159, EPERM],
        swapon: [167, EPERM],
        acct: [163, EPERM],
        quotactl: [179, EPERM],
        open_by_handle_at: [304, EPERM],
        perf_event_open: [298, EPERM],
        ioperm: [173, EPERM],
        io_uring_setup: [425, ENOSYS],
        userfaultfd: [323, ENOSYS],
        fspick: [433, ENOSYS],
      };
      const script = Object.values(refused)
        .map(([number]) => `$! = 0; syscall(${number}, 0, 0, 0, 0, 0); print $! + 0, "\\n";`)
        .join(' ');
      const answers = (await works(cluster, `perl -e '${script}'`)).trim().split('\n').map(Number);
      const names = Object.keys(refused);
      expect(Object.fromEntries(names.map((name, at) => [name, answers[at]]))).toEqual(
        Object.fromEntries(Object.entries(refused).map(([name, [, error]]) => [name, error])),
      );
      // Of bpf, only what an inner engine needs for its containers' devices gets further than the filter.
      const bpf =
        'for my $command (0 .. 40) { $! = 0; syscall(321, $command, 0, 0); print "$command " if $! != 1 }';
      expect((await works(cluster, `perl -e '${bpf}'`)).trim()).toBe('5 8 16');
      // FIFREEZE, FITHAW and FS_IOC_SHUTDOWN, asked of a file system of its own, should it be let.
      const freeze = `open my $own, "<", "/tmp"; for my $request (0xc0045877, 0xc0045878, 0x8004587d) {
        $! = 0; ioctl $own, $request, 0; print $! + 0, " " }`;
      expect((await works(cluster, `perl -e '${freeze}'`)).trim()).toBe(`${EPERM} ${EPERM} ${EPERM}`);
      // Tried on a file system of its own, should it be let; what is mounted here may be changed alone.
      const remount = `mount -t tmpfs none /mnt; mount -o remount,size=1m /mnt; echo $?;
        mount -o remount,bind,ro /mnt; echo $?; umount /mnt`;
      const [whole, here] = (await works(cluster, remount)).trim().split('\n').slice(-2);
      expect(whole).not.toBe('0');
      expect(here).toBe('0');
    },
    2 * MINUTE,
  );

  test(
    'cannot open the disks, the memory or the kernel of the engine, whatever it mounts and makes',
    async () => {
      const said = await works(
        cluster,
        `mkdir -p /tmp/p && mount -t proc proc /tmp/p
         for disk in $(awk '$4 ~ /^vd/ {print $1 ":" $2 ":" $4}' /proc/partitions); do
           IFS=: read -r major minor name <<< "$disk"; mknod "/tmp/$name" b "$major" "$minor"
           dd if="/tmp/$name" of=/dev/null bs=512 count=1 2>/dev/null && echo "read $name"
           mkdir -p "/tmp/on-$name" && mount "/tmp/$name" "/tmp/on-$name" 2>/dev/null && echo "mounted $name"
         done
         mknod /tmp/mem c 1 1; dd if=/tmp/mem of=/dev/null bs=512 count=1 2>/dev/null && echo 'read memory'
         mknod /tmp/kmsg c 1 11; timeout 2 head -c 1 /tmp/kmsg 2>/dev/null | grep -q . && echo 'read messages'
         head -c 1 /tmp/p/kcore 2>/dev/null | grep -q . && echo 'read the kernel'
         ls /tmp/vd[a-d] | wc -l
         umount /tmp/p`,
      );
      expect(said.trim()).toBe('4');
    },
    2 * MINUTE,
  );

  test(
    'cannot change what it shares with others, whatever it makes of the mounts',
    async () => {
      const shared = ['/usr/sbin/docker-init', '/var/lib/drydock/images'];
      const there = `find ${shared.join(' ')} -type f | sort | head -n 200 | xargs stat -c '%n %a %s %Y' | sha256sum`;
      const before = await works(other, there);
      const said = await works(
        cluster,
        `for place in $(awk '$6 ~ /^ro/ && / - ext4 / { print $5 }' /proc/self/mountinfo | sort); do
           mount -o remount,bind,rw $place && echo $place
           mount -o remount,rw $place 2>/dev/null && echo "made its disk writable"
           file=$(find $place -type f | head -n 1)
           touch $place/mine 2>/dev/null && echo "made a file in $place"
           touch -d yesterday "$file" 2>/dev/null && echo "changed the time of $file"
           chmod 0 "$file" 2>/dev/null && echo "changed the mode of $file"
           echo more 2>/dev/null >> "$file" && echo "wrote to $file"
           rm -f "$file" 2>/dev/null && echo "removed $file"
         done; true`,
      );
      // The mounts are this host's own, and were made writable; their disks were not.
      expect(said.trim().split('\n')).toEqual(shared);
      expect(await works(other, there)).toBe(before);
    },
    2 * MINUTE,
  );

  test(
    'can empty the devices that it mounts, and the engine still makes hosts and limits them',
    async () => {
      const said = await works(
        cluster,
        `mkdir -p /tmp/dev && mount -t devtmpfs devtmpfs /tmp/dev && ls /tmp/dev | grep -c . && rm -rf /tmp/dev/*
         ls /tmp/dev | wc -l; umount /tmp/dev`,
      );
      const [found, left] = said.trim().split('\n').map(Number);
      expect(found).toBeGreaterThan(10);
      expect(left).toBe(0);
      await engine.lease(TESTS_LAST_SECONDS);
      await using later = await provisionTestCluster(['host01']);
      await works(later, 'docker run --rm alpine echo it runs');
      const full = await tries(later, 'fallocate -l 2100M /root/ballast');
      expect(full.stderr).toMatch(/quota/i);
    },
    5 * MINUTE,
  );

  test(
    'has the kernel run no program outside of itself',
    async () => {
      const said = await works(
        cluster,
        `upper=$(grep -o 'upperdir=[^,]*' /proc/self/mountinfo | head -n 1 | cut -d = -f 2)
         printf '#!/bin/sh\\necho ran > %s/ran\\n' "$upper" > /escape && chmod +x /escape
         mkdir -p /tmp/p && mount -t proc proc /tmp/p
         kernel=/tmp/p/sys/kernel
         before=$(cat $kernel/core_pattern) probe=$(cat $kernel/modprobe)
         for program in "$upper/escape" /sbin/poweroff; do
           echo "|$program" > $kernel/core_pattern
           (ulimit -c unlimited; sh -c 'kill -SEGV $$') > /dev/null 2>&1
           echo "$program" > $kernel/modprobe
           ip link add none type nosuchtype 2>/dev/null
           mount -t nosuchtype none /mnt 2>/dev/null
         done
         sleep 2
         echo "$before" > $kernel/core_pattern; echo "$probe" > $kernel/modprobe
         echo 0 2>/dev/null > $kernel/modules_disabled; cat $kernel/modules_disabled
         ls /ran 2>/dev/null
         umount /tmp/p`,
      );
      expect(said.trim()).toBe('1');
      expect(await dockerClient(engine).ping()).toBeTruthy();
    },
    2 * MINUTE,
  );

  test(
    'sees neither other hosts’ processes nor their files',
    async () => {
      await works(other, 'echo secret > /var/lib/docker/secret-file; echo secret > /root/secret-file');
      const found = await works(
        cluster,
        `find / -xdev -name secret-file 2>/dev/null; find /var/lib/docker /proc/[0-9]*/root/root -maxdepth 2 -name secret-file 2>/dev/null
         grep -l . /proc/[0-9]*/environ 2>/dev/null | wc -l > /dev/null
         for process in /proc/[0-9]*; do readlink "$process/ns/pid"; done 2>/dev/null | sort -u | wc -l`,
      );
      expect(found.trim()).toBe('1');
    },
    2 * MINUTE,
  );
});

describe('its limits', () => {
  test('are all kept by this engine', async () => {
    expect(await enforcedLimits(dockerClient(engine))).toEqual({
      cpu: 'share',
      memoryMiB: 1024,
      pids: 2048,
      diskMiB: 2048,
    });
  });

  test(
    'cannot be lifted from inside',
    async () => {
      const setxattr = 0x40_1c_58_20;
      const setflags = 0x40_08_66_02;
      const said = await works(
        cluster,
        `mkdir -p /tmp/c && mount -t cgroup2 none /tmp/c
         for folder in /sys/fs/cgroup /tmp/c; do for file in memory.max pids.max cpu.weight; do
           echo max 2>/dev/null > $folder/$file && echo "wrote $folder/$file"
         done; done
         umount /tmp/c
         perl -e 'open my $file, "<", "/var/lib/docker"; my $all = "\\0" x 64;
           for my $request (${setxattr}, ${setflags}, ${setxattr} + (1 << 32)) {
             $! = 0; syscall(16, fileno $file, $request, $all); print $! + 0, " ";
           }'`,
      );
      expect(said.trim()).toBe('1 1 1');
    },
    2 * MINUTE,
  );

  test(
    'spare none of its processes where memory runs out, and it cannot have them spared',
    async () => {
      const said = await works(
        cluster,
        `cat /proc/[0-9]*/oom_score_adj 2>/dev/null | sort -u
         echo -1 2>/dev/null > /proc/self/oom_score_adj && echo spared; true`,
      );
      expect(said.trim()).toBe('0');
    },
    2 * MINUTE,
  );

  test.each(['/root', '/etc', '/var/lib/docker', '/var/lib/docker/overlay2'])(
    'of its disk hold for what it writes to %s, and its neighbour does not notice',
    async (folder) => {
      const { exitCode, stdout, stderr } = await tries(
        cluster,
        `fallocate -l 1G ${folder}/one && fallocate -l 1100M ${folder}/two
         code=$?; dd if=/dev/zero of=${folder}/three bs=1M count=1100 2>&1 | tail -n 1
         du -sm --apparent-size ${folder}/one; rm -f ${folder}/one ${folder}/two ${folder}/three; exit $code`,
      );
      expect([exitCode, stdout]).not.toEqual([0, expect.anything()]);
      expect(stderr).toMatch(/quota/i);
      await works(other, 'dd if=/dev/zero of=/root/mine bs=1M count=20 2>/dev/null && rm /root/mine');
    },
    4 * MINUTE,
  );

  test.each(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'])(
    'of its disk hold for %s, too, which the engine keeps elsewhere',
    async (file) => {
      const { stdout } = await tries(
        cluster,
        `cp ${file} /tmp/kept && fallocate -l 1900M /root/ballast && sync
         dd if=/dev/zero of=${file} bs=1M count=300 oflag=append conv=notrunc,fsync 2>&1
         stat -c %s ${file}; cat /tmp/kept > ${file}; rm /root/ballast`,
      );
      expect(stdout).toMatch(/quota|No space/i);
      expect(Number(stdout.trim().split('\n').at(-1))).toBeLessThan(200 * 2 ** 20);
      await works(other, 'dd if=/dev/zero of=/root/mine bs=1M count=20 2>/dev/null && rm /root/mine');
      await works(cluster, 'getent hosts registry-1.docker.io && echo room > /root/again');
    },
    4 * MINUTE,
  );

  test(
    'count its containers’ files, too',
    async () => {
      const { stdout } = await tries(
        cluster,
        `fallocate -l 1900M /var/lib/docker/ballast
         docker run --rm alpine dd if=/dev/zero of=/big bs=1M count=200 2>&1
         rm /var/lib/docker/ballast`,
      );
      expect(stdout).toMatch(/quota|No space/i);
      await works(cluster, 'docker run --rm alpine echo room again');
    },
    5 * MINUTE,
  );
});

const hostOf = (of: Cluster, name: string): Host => {
  const host = of.hosts.get(name);
  if (host === undefined) throw new Error(`There is no ${name}.`);
  return host;
};

const addressOf = (of: Cluster, name = 'host01') => hostOf(of, name).address;
/** Hosts' networks are of 16 addresses, of which the first host has the second that can be used. */
const gatewayOf = (address: string) => address.replace(/\d+$/, (last) => String(Number(last) - 1));

/** Those of some addresses with ports to which a connection can be made from the first host. */
async function reached(from: Cluster, targets: readonly string[], options = ''): Promise<string[]> {
  const tried = targets.map(
    (target) =>
      `{ curl -sv -m 4 ${options} telnet://${target} < /dev/null 2>&1 | grep -q 'Connected to' && echo ${target}; } &`,
  );
  const { stdout } = await tries(from, `${tried.join('\n')}\nwait`);
  return stdout.trim().split('\n').filter(Boolean);
}

/** What a command on the first host prints; it must succeed. */
async function works(on: Cluster, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await tries(on, command);
  expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

const tries = (on: Cluster, command: string) =>
  hostOf(on, 'host01').exec(['bash', '-c', command], { signal: AbortSignal.timeout(3 * MINUTE) });
