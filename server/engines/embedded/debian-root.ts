import { aptMirror } from '../apt.ts';
import { asRoot } from '../as-root.ts';
import { digest, digestOfFolder } from '../cached-folder.ts';
import { packageProxies, type Proxies } from '../proxies.ts';
import { runProgram } from '../run-program.ts';
import type { Work } from '../stages.ts';
import { requireBuildPower } from '../user-namespace.ts';

export const SUITE = 'trixie';

/** What a root file system is made of. */
export type DebianRoot = {
  /** `minbase`: installed and usable. `extract`: unpacked only, for programs that are run from outside. */
  variant: 'minbase' | 'extract';
  packages: readonly string[];
  /** A folder of files that are in /usr/lib/drydock when the hooks run. */
  files?: string;
  /** Shell commands run at the end, with the root's path as `$1`. */
  hooks?: readonly string[];
};

/** What tells one root file system from another: all that is said of it here, and the content of its files. */
export async function debianRootVersion({ files, ...root }: DebianRoot): Promise<string> {
  return digest([
    SUITE,
    ...LEAN,
    JSON.stringify(root),
    files === undefined ? '' : await digestOfFolder(files),
  ]);
}

/** Nothing here is read by a person on this system: documentation and translations are most of its files. */
const LEAN = ['doc', 'locale', 'man', 'info', 'lintian'].map(
  (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
);

/** mmdebstrap keeps apt's options for the new system, where addresses of this machine have no place. */
const FORGET_PROXIES = `sed -i '/::Proxy /d' "$1/etc/apt/apt.conf.d/99mmdebstrap"`;

/**
 * Make a Debian root file system in a folder, or as a tar where `target` ends in `.tar`. Packages come from the
 * mirror that this machine's apt uses, and through its proxies.
 */
export async function makeDebianRoot(root: DebianRoot, target: string, work: Work): Promise<void> {
  await requireBuildPower();
  const mirror = await aptMirror();
  const proxies = aptOptions(await packageProxies());
  const copyFiles =
    root.files === undefined
      ? []
      : [`mkdir -p "$1/usr/lib/drydock" && cp '${root.files}'/* "$1/usr/lib/drydock/"`];
  const [program, ...args] = asRoot(
    [
      'mmdebstrap',
      '--mode=root',
      `--variant=${root.variant}`,
      '--aptopt=Acquire::Languages "none"',
      '--aptopt=Acquire::Retries "3"',
      ...proxies,
      ...LEAN,
      ...(root.packages.length > 0 ? [`--include=${root.packages.join(',')}`] : []),
      ...[...copyFiles, ...(root.hooks ?? []), ...(proxies.length > 0 ? [FORGET_PROXIES] : [])].map(
        (hook) => `--customize-hook=${hook}`,
      ),
      SUITE,
      target,
      mirror,
    ],
    // A mount namespace of its own ends with this process: nothing stays mounted when it is cut off.
    { namespaces: ['--mount'] },
  );
  await runProgram(program, args, work);
}

/** Not left to the environment, which mmdebstrap's apt reads too: apt's own settings come before that. */
const aptOptions = ({ http_proxy: http, https_proxy: https }: Proxies): string[] =>
  Object.entries({ http, https }).flatMap(([protocol, proxy]) =>
    proxy === undefined ? [] : [`--aptopt=Acquire::${protocol}::Proxy "${proxy}"`],
  );
