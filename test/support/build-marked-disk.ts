// Run by another user than the tests: builds the image beside it on the guest's engine, as building the labs' images
// does, and a disk of the engine's data. Prints where in the disk the image's last layer is.
// Arguments: the cache folder with the guest and the base image, and a folder for the rest.
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { aptMirror } from '../../server/engines/apt.ts';
import { asRoot } from '../../server/engines/as-root.ts';
import { dockerClient } from '../../server/engines/docker-client.ts';
import { SUITE } from '../../server/engines/embedded/debian-root.ts';
import { makeDisk } from '../../server/engines/embedded/make-disk.ts';
import { startNativeEngine } from '../../server/engines/embedded/native-engine.ts';
import { runProgram } from '../../server/engines/run-program.ts';
import { BASE_IMAGE_NAME, importBaseImage } from '../../server/images/base-image.ts';
import { buildImage } from '../../server/images/build-image.ts';

const MINUTE = 60_000;
const [cache = '', work = ''] = process.argv.slice(2);
const built = async (name: string) => {
  const entry = (await readdir(cache)).find((found) => new RegExp(`^${name}-[0-9a-f]{16}$`).test(found));
  return join(cache, entry ?? name);
};

const data = join(work, 'data');
await mkdir(data, { recursive: true });
const signal = AbortSignal.timeout(10 * MINUTE);
let layer: string;
{
  await using engine = await startNativeEngine(join(await built('guest'), 'root'), data, signal);
  const docker = dockerClient(engine);
  await importBaseImage(docker, join(await built('base'), 'base.tar'));
  const recipe = { name: 'marked', context: join(import.meta.dirname, 'marked-image') };
  const aptSources = `deb ${await aptMirror()} ${SUITE} main`;
  await buildImage(
    docker,
    recipe,
    { base: BASE_IMAGE_NAME, aptSources, proxies: engine.proxies },
    () => undefined,
  );
  const { GraphDriver } = z
    .object({ GraphDriver: z.object({ Data: z.object({ UpperDir: z.string() }) }) })
    .parse(await docker.getImage('marked').inspect());
  layer = GraphDriver.Data.UpperDir.replace('/var/lib/docker', '');
}
// The engine's builder makes no such folder itself; what runs on an overlay does.
const overlay = `mkdir -p "$1/lower/folder/file" "$1/upper" "$1/work" "$1/merged"; cd "$1"
  mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work overlay merged
  rm -r merged/folder; mkdir merged/folder; umount merged`;
const [program, ...args] = asRoot(['sh', '-ec', overlay, 'sh', join(data, 'overlay')], {
  namespaces: ['--mount'],
});
await runProgram(program, args);
await makeDisk(data, join(work, 'disk.raw'), '8G', { features: [], extended: [] });
process.stdout.write(layer);
