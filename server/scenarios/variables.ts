import type { HostName, Locale } from '../protocol/index.ts';

/** A variable where a text names it, its name in the first group; for `matchAll` and `replace`. */
export const VARIABLE = /\[\[([A-Z][A-Z0-9_]*)\]\]/g;

/** The name under which a text has a host's address: HOST1_IP is that of host01. */
export const variableName = (host: HostName): string => `HOST${Number(host.slice('host'.length))}_IP`;

/** What a reader is shown in a variable's place before its value is known. */
export function standIn(name: string, locale: Locale): string {
  const number = /^HOST(\d+)_IP$/.exec(name)?.[1];
  if (number === undefined) return `‹${name}›`;
  const host = `host${number.padStart(2, '0')}`;
  return locale === 'en' ? `‹${host}’s address›` : `‹${host} 的地址›`;
}

type Hosts = ReadonlyMap<string, { readonly name: HostName; readonly address: string }>;

/** What a scenario's text may name of its cluster: HOST1_IP is host01's address, whatever the order of the hosts. */
export const clusterVariables = ({ hosts }: { hosts: Hosts }): Readonly<Record<string, string>> =>
  Object.fromEntries([...hosts.values()].map(({ name, address }) => [variableName(name), address]));
