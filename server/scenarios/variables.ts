import type { HostName } from '../protocol/index.ts';

/** A variable where a text names it, its name in the first group; for `matchAll` and `replace`. */
export const VARIABLE = /\[\[([A-Z][A-Z0-9_]*)\]\]/g;

/** The name under which a text has a host's address: HOST1_IP is that of host01. */
export const variableName = (host: HostName): string => `HOST${Number(host.slice('host'.length))}_IP`;
