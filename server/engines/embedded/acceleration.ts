import { access, constants, readFile, rename, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { digest } from '../cached-folder.ts';
import type { EmbeddedBuild } from './build-embedded.ts';
import { EMULATED, type Accelerator, type GuestShape, type GuestSize } from './guest-shape.ts';
import { tryHardware } from './try-hardware.ts';

/** What this machine has of hardware virtualisation. */
export type HardwareOffer = {
  /** The processor's flag for it; null where it has none, which the device file alone says nothing about. */
  flag: 'vmx' | 'svm' | null;
  /** Whether this process may use it. */
  device: boolean;
  /** The processor and the kernel: another one of either may do better, or worse. */
  processor: string;
};

/** What came of trying it, kept so that a start need not try again. */
const Outcome = z.strictObject({ key: z.string(), failure: z.string().nullable() });
export type Outcome = z.infer<typeof Outcome>;

export async function hardwareOffer(file = '/proc/cpuinfo', device = '/dev/kvm'): Promise<HardwareOffer> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const field = (name: string) => new RegExp(`^${name}\\s*:(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const flags = field('flags').split(' ');
  return {
    flag: (['vmx', 'svm'] as const).find((name) => flags.includes(name)) ?? null,
    device: await access(device, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ),
    processor: `${field('model name')}, ${release()}`,
  };
}

/** What a built guest gets of this machine: the hardware's help where a trial has shown that it works. */
export async function guestShape(
  cache: string,
  build: EmbeddedBuild,
  size: GuestSize,
  signal: AbortSignal,
): Promise<GuestShape> {
  const trial = () => tryHardware(build, signal);
  return { ...size, accelerator: await chooseAccelerator(cache, build, await hardwareOffer(), trial) };
}

/** @param trial resolves with why the hardware does not do, or null */
export async function chooseAccelerator(
  cache: string,
  build: GuestFiles,
  offer: HardwareOffer,
  trial: () => Promise<string | null>,
): Promise<Accelerator> {
  if (offer.flag === null || !offer.device) return EMULATED;
  const key = keyOf(build, offer);
  const kept = await keptOutcome(cache, build, offer);
  const outcome = kept ?? { key, failure: await trial() };
  if (kept === null) await keep(cache, outcome);
  return outcome.failure === null ? { name: 'kvm', key } : EMULATED;
}

/** The accelerator that a guest runs with as far as that is known without trying. */
export async function knownAccelerator(cache: string, build: GuestFiles): Promise<Accelerator> {
  const offer = await hardwareOffer();
  const kept = await keptOutcome(cache, build, offer);
  return chooseAccelerator(cache, build, kept === null ? { ...offer, flag: null } : offer, () =>
    Promise.resolve(null),
  );
}

/** Use the hardware no more, which did well in the trial and has failed since. */
export async function distrustHardware(
  cache: string,
  { key }: { key: string },
  failure: string,
): Promise<void> {
  await keep(cache, { key, failure });
}

/** What came of trying the hardware with such a guest; null where that was not tried yet. */
export async function keptOutcome(
  cache: string,
  build: GuestFiles,
  offer: HardwareOffer,
): Promise<Outcome | null> {
  try {
    const outcome = Outcome.parse(JSON.parse(await readFile(fileIn(cache), 'utf8')));
    return outcome.key === keyOf(build, offer) ? outcome : null;
  } catch {
    // Not there yet, or not to be read: it is tried again.
    return null;
  }
}

/** What the outcome of a trial depends on, beside the machine. */
type GuestFiles = Pick<EmbeddedBuild, 'emulator' | 'kernel'>;

const keyOf = ({ emulator, kernel }: GuestFiles, { processor }: HardwareOffer): string =>
  digest([...emulator.command('qemu-system'), kernel, processor]);

const fileIn = (cache: string) => join(cache, 'acceleration.json');

async function keep(cache: string, outcome: Outcome): Promise<void> {
  const partial = `${fileIn(cache)}.partial-${process.pid}`;
  await writeFile(partial, `${JSON.stringify(outcome)}\n`);
  await rename(partial, fileIn(cache));
}
