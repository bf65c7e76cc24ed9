import { runProgram } from './run-program.ts';

/** Proxies as the variables that programs take them from: `http_proxy`, `https_proxy`, `no_proxy`. */
export type Proxies = Readonly<Record<string, string>>;

/**
 * The proxies that this machine fetches packages through. As for apt, what it is set up with comes before the
 * variables of the environment, and https goes where http does unless told otherwise.
 */
export async function packageProxies(environment: NodeJS.ProcessEnv = process.env): Promise<Proxies> {
  const apt = await aptProxies();
  const variable = (name: string) => environment[name] || environment[name.toUpperCase()];
  const proxies = {
    http_proxy: apt.get('http') ?? variable('http_proxy'),
    https_proxy: apt.get('https') ?? variable('https_proxy') ?? apt.get('http'),
    no_proxy: variable('no_proxy'),
  };
  const entries = Object.entries(proxies).flatMap(([name, value]): [string, string][] =>
    // DIRECT is apt's word for none.
    value === undefined || value === '' || value === 'DIRECT' ? [] : [[name, value]],
  );
  return Object.fromEntries(entries);
}

/** By protocol; empty where there is no apt. */
async function aptProxies(): Promise<ReadonlyMap<string, string>> {
  const names = ['http', 'https'].map((protocol) => `Acquire::${protocol}::Proxy`);
  const dump = await runProgram('apt-config', ['dump', '--format', '%f %v%n', ...names]).catch(() => '');
  const settings = dump.matchAll(/^Acquire::(https?)::Proxy (\S+)$/gm);
  return new Map([...settings].map(([, protocol = '', proxy = '']) => [protocol, proxy]));
}
