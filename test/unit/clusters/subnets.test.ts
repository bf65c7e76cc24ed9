import { describe, expect, it } from 'vitest';
import { firstFreePosition, subnetAt, poolProblem } from '../../../server/clusters/subnets.ts';

const all = Array.from({ length: 4096 }, (_, position) => subnetAt(position).cidr);

describe('the subnets of clusters', () => {
  it('are blocks of sixteen addresses, with the gateway and the hosts in them', () => {
    const subnet = subnetAt(0);
    expect(subnet).toMatchObject({ cidr: '172.16.0.0/28', gateway: '172.16.0.1' });
    expect([0, 1, 4].map((index) => subnet.host(index))).toEqual(['172.16.0.2', '172.16.0.3', '172.16.0.6']);
    expect(subnetAt(15).cidr).toBe('172.16.0.240/28');
    expect(subnetAt(16)).toMatchObject({ cidr: '172.16.1.0/28', gateway: '172.16.1.1' });
    expect(subnetAt(4095).host(4)).toBe('172.16.255.246');
  });

  it('are all different, and begin anew after the last', () => {
    expect(new Set(all).size).toBe(4096);
    expect(subnetAt(4096).cidr).toBe(subnetAt(0).cidr);
  });

  it('are taken in turn, and a gap before those behind it', () => {
    expect(firstFreePosition([])).toBe(0);
    expect(firstFreePosition(all.slice(0, 3))).toBe(3);
    expect(firstFreePosition([...all.slice(0, 2), ...all.slice(3, 9)])).toBe(2);
  });

  it.each([
    ['a larger network that somebody else has made', ['172.16.0.0/24'], 16],
    ['a smaller one', ['172.16.0.8/30'], 1],
    ['one that is told by an address inside it', ['172.16.0.200/24'], 16],
    ['several', ['172.16.0.0/25', '172.16.0.128/26'], 12],
  ])('are none that share addresses with %s', (_, used, position) => {
    expect(firstFreePosition(used)).toBe(position);
  });

  it('may be any where what is in use lies elsewhere', () => {
    expect(firstFreePosition(['172.17.0.0/16', '10.0.0.0/8', '192.168.0.0/20', 'fd00::/64', ''])).toBe(0);
  });

  it.each([
    ['taken one by one', all],
    ['within one network', ['172.16.0.0/12']],
  ])('are said to be all taken when they are, %s', (_, used) => {
    expect(() => firstFreePosition(used)).toThrow('All 4096 subnets of 172.16.0.0/16 are taken.');
  });

  it('come from another pool when told so', () => {
    expect(firstFreePosition(['10.99.0.0/28'], '10.99.0.0/16')).toBe(1);
    expect(subnetAt(1, '10.99.0.0/16').host(0)).toBe('10.99.0.18');
  });
});

describe('a range for clusters', () => {
  it.each(['172.16.0.0/16', '100.64.0.0/16', '172.32.0.0/16', '198.19.0.0/16'])('can be %s', (pool) => {
    expect(poolProblem(pool)).toBeNull();
  });

  it.each([
    '10.0.0.0/16',
    '10.200.0.0/16',
    '172.17.0.0/16',
    '172.31.0.0/16',
    '192.168.0.0/16',
    '198.18.0.0/16',
  ])('cannot be %s, which something else uses', (pool) => {
    expect(poolProblem(pool)).toContain('is used otherwise');
  });

  it.each(['172.16.0.0', '172.16.0.0/24', '172.16.4.0/16', '300.1.0.0/16', 'all'])(
    'cannot be “%s”',
    (pool) => {
      expect(poolProblem(pool)).toContain('a range of 16 bits');
    },
  );
});
