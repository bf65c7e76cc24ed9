import { describe, expect, it } from 'vitest';
import { ownHostsWords } from '../../../server/cli/own-hosts-words.ts';

const HERE = { exposed: false, isRoot: false };

describe('a start with labs on machines that exist already', () => {
  it('says nothing where they are off', () => {
    expect(ownHostsWords([], { exposed: true, isRoot: true })).toEqual([]);
  });

  it('says who gets a shell, where, and as whom', () => {
    expect(ownHostsWords(['local'], HERE)).toEqual([
      'DRYDOCK_OWN_HOSTS is on: whoever uses this machine can have a shell as the user who runs Drydock on this machine.',
    ]);
    const [exposed] = ownHostsWords(['local', 'ssh'], { exposed: true, isRoot: false });
    expect(exposed).toContain('every visitor can have a shell');
    expect(exposed).toContain('on this machine, and by the ssh keys');
    expect(ownHostsWords(['local'], { exposed: false, isRoot: true })[0]).toContain('as root');
  });

  it('is refused where it would give visitors a shell of root’s', () => {
    const asRoot = { exposed: true, isRoot: true };
    expect(() => ownHostsWords(['local'], asRoot)).toThrow('a shell of root’s on this machine');
    expect(ownHostsWords(['ssh'], asRoot)).toHaveLength(1);
  });
});
