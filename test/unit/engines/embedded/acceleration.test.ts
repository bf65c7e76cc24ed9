import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  chooseAccelerator,
  distrustHardware,
  hardwareOffer,
  type HardwareOffer,
} from '../../../../server/engines/embedded/acceleration.ts';
import { emulatorIn } from '../../../../server/engines/embedded/emulator.ts';
import { EMULATED } from '../../../../server/engines/embedded/guest-shape.ts';
import { tryHardware } from '../../../../server/engines/embedded/try-hardware.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const BUILD = { emulator: emulatorIn('/emulator'), kernel: '/guest/vmlinuz' };
const OFFER: HardwareOffer = { flag: 'vmx', device: true, processor: 'a processor, a kernel' };

const good = () => Promise.resolve(null);
const bad = () => Promise.resolve('it hung');
const untried = () => Promise.reject(new Error('This was tried already, or was not to be.'));

describe('the accelerator of a guest', () => {
  it('is emulation, untried, where the processor has no such flag or its device may not be used', async () => {
    await using cache = await temporaryFolder();
    expect(await chooseAccelerator(cache.path, BUILD, { ...OFFER, flag: null }, untried)).toBe(EMULATED);
    expect(await chooseAccelerator(cache.path, BUILD, { ...OFFER, device: false }, untried)).toBe(EMULATED);
  });

  it('is what one trial has shown, until the machine or the guest is another', async () => {
    await using cache = await temporaryFolder();
    const choose = (trial: typeof good | typeof bad | typeof untried, offer = OFFER, build = BUILD) =>
      chooseAccelerator(cache.path, build, offer, trial);
    expect(await choose(bad)).toEqual(EMULATED);
    expect(await choose(untried)).toEqual(EMULATED);
    const later = { ...OFFER, processor: 'a processor, a later kernel' };
    const works = await choose(good, later);
    expect(works).toMatchObject({ name: 'kvm' });
    expect(await choose(untried, later)).toEqual(works);
    expect(await choose(bad, later, { ...BUILD, kernel: '/other/vmlinuz' })).toEqual(EMULATED);
  });

  it('is emulation once the hardware has failed for all that the trial was good', async () => {
    await using cache = await temporaryFolder();
    const chosen = await chooseAccelerator(cache.path, BUILD, OFFER, good);
    if (chosen.name !== 'kvm') throw new Error('The trial was good.');
    await distrustHardware(cache.path, chosen, 'it did not boot');
    expect(await chooseAccelerator(cache.path, BUILD, OFFER, untried)).toEqual(EMULATED);
  });

  it('is offered by the flags of the processor and a device that opens, not by the device alone', async () => {
    await using folder = await temporaryFolder();
    const kvm = await folder.write('kvm', '');
    const info = await folder.write('cpuinfo', 'model name\t: A processor\nflags\t\t: fpu svm sse\n');
    expect(await hardwareOffer(info, kvm)).toMatchObject({
      flag: 'svm',
      device: true,
      processor: expect.stringContaining('A processor, '),
    });
    const plain = await folder.write('plain', 'model name\t: A processor\nflags\t\t: fpu svmx\n');
    expect(await hardwareOffer(plain, join(folder.path, 'none'))).toMatchObject({
      flag: null,
      device: false,
    });
  });
});

describe('trying the hardware', () => {
  /** A machine of which all that there is is what it does. */
  async function trial(script: string, limitMs = 20_000) {
    await using folder = await temporaryFolder();
    const program = await folder.write('machine', `#!/bin/sh\n${script}\n`, 0o755);
    const emulator = { command: () => [program] };
    const files = { emulator, kernel: '/vmlinuz', initrd: '/initrd' };
    return await tryHardware(files, new AbortController().signal, limitMs);
  }

  it('is good where the guest says hello, whatever it does then', async () => {
    expect(await trial('echo booting; echo drydock: hello; exec sleep 60')).toBeNull();
  });

  it('is not where the machine hangs or ends before, and says what it said last', async () => {
    expect(await trial('echo Booting; exec sleep 60', 2_000)).toMatch(/within 2 seconds\. Booting$/);
    expect(await trial('echo "error: failed to set MSR" >&2; kill -ABRT $$')).toMatch(
      /it ended \(SIGABRT\)\. error: failed to set MSR$/,
    );
    expect(await trial('exit 1')).toContain('it ended (1)');
  });
});
