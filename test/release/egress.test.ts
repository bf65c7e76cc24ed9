import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { PORT, PRETEND_INTERNET, pretendAddresses, PRIVATE, PUBLIC } from '../support/pretend-internet.ts';

const MAIN = join(import.meta.dirname, '../../server/main.ts');
const MINUTE = 60_000;

/**
 * What a host of a cluster on Drydock's own engine reaches of a machine that has nothing but a loopback interface, and on
 * it addresses of the internet and of others.
 */
async function reached(egress: 'on' | 'off', targets: readonly string[]): Promise<Record<string, boolean>> {
  const addresses = await pretendAddresses();
  const machine = [
    'ip link set lo up',
    ...addresses.map((address) => `ip address add ${address}/32 dev lo`),
    // Held open by nobody, so that it ends with the namespace's last process.
    `"$1" -e "$2" ${addresses.join(' ')} > /dev/null 2>&1 < /dev/null & server=$!`,
    '"$1" "$3" cluster --hosts 1; code=$?',
    'kill "$server"; exit "$code"',
  ];
  // All at once: what is refused without a word takes its whole time to be so.
  const commands = [
    ...targets.map(
      (target) =>
        `(timeout 4 bash -c '< /dev/tcp/${target.replace(':', '/')}' 2> /dev/null; echo "${target} is $?") &`,
    ),
    'echo "the name is $(timeout 20 getent hosts what.example | cut -d " " -f 1)."',
    'wait',
  ];
  const { stdout, stderr, exitCode } = await execa(
    'unshare',
    ['--net', 'sh', '-c', machine.join('\n'), 'sh', process.execPath, PRETEND_INTERNET, MAIN],
    {
      input: `${commands.join('\n')}\n`,
      env: { DRYDOCK_EGRESS: egress, DRYDOCK_SETUP: 'manual' },
      reject: false,
    },
  );
  expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
  return {
    ...Object.fromEntries(targets.map((target) => [target, stdout.includes(`${target} is 0`)])),
    names: stdout.includes(`the name is ${PUBLIC}.`),
  };
}

// Only root can make a network namespace with such addresses.
describe.skipIf(process.getuid?.() !== 0)('a host on Drydock’s own engine', () => {
  const outside = `${PUBLIC}:${PORT}`;
  /** The machine's loopback, the guest's own engine and what else is not the internet. */
  const others = [
    ...['10.0.2.2', '10.0.2.3', '127.0.0.2', ...PRIVATE].map((address) => `${address}:${PORT}`),
    '10.0.2.15:2376',
    '172.16.0.1:2376',
  ];

  test(
    'reaches the internet where the operator lets it, and nothing of the machine, of the guest or of their networks',
    async () => {
      expect(await reached('on', [outside, ...others])).toEqual({
        ...Object.fromEntries(others.map((target) => [target, false])),
        [outside]: true,
        names: true,
      });
    },
    8 * MINUTE,
  );

  test(
    'reaches none of it by default',
    async () => {
      expect(Object.values(await reached('off', [outside, ...others]))).not.toContain(true);
    },
    8 * MINUTE,
  );
});
