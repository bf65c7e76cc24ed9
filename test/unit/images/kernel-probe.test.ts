import { expect, it } from 'vitest';
import { readFindings } from '../../../server/images/kernel-probe.ts';

const ALL = ['mount', 'cgroup', 'overlayfs', 'bridge', 'veth', 'nat', 'vxlan', 'ip_vs'];
const say = (missing: readonly string[]) =>
  ALL.map((name) => `${name} ${missing.includes(name) ? 'no' : 'yes'}\r\n`).join('');

it('a kernel that has everything lacks nothing', () => {
  expect(readFindings(say([]))).toEqual({ hosts: [], needs: {} });
});

it('a kernel without what swarm needs can still run hosts', () => {
  expect(readFindings(say(['ip_vs', 'vxlan']))).toEqual({ hosts: [], needs: { swarm: ['vxlan', 'ip_vs'] } });
});

it('what hosts need themselves is told apart from that', () => {
  expect(readFindings(say(['overlayfs']))).toEqual({ hosts: ['overlayfs'], needs: {} });
});

it('a probe that says nothing has found nothing', () => {
  expect(readFindings('exec format error').hosts).toHaveLength(6);
});
