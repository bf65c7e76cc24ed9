import type { HostName } from '../protocol/index.ts';

/** What an author writes after a command: `{{exec HOST2}}`, `{{exec interrupt}}`, `{{copy}}`. */
export type Directive = { kind: 'exec'; host: HostName; interrupt: boolean } | { kind: 'copy' };

/** Anything that begins as a directive does; whether it is a good one, `parseDirective` says. */
export const DIRECTIVE = /\{\{\s*(exec|execute|copy)\b([^{}]*)\}\}/;
export const LEADING_DIRECTIVE = new RegExp(`^${DIRECTIVE.source}`);

/** The directive in `text`, which matches DIRECTIVE, for a scenario with these hosts; or what is wrong with it. */
export function parseDirective(text: string, hosts: readonly HostName[]): Directive | { wrong: string } {
  const [, kind, rest = ''] = DIRECTIVE.exec(text) ?? [];
  const words = rest.trim().split(/\s+/).filter(Boolean);
  if (kind === 'copy') {
    return words.length === 0 ? { kind: 'copy' } : { wrong: `${text}: “copy” takes no further words` };
  }
  const [first = ''] = hosts;
  let host: HostName = first;
  let interrupt = false;
  for (const word of words) {
    const number = /^host0?([1-9])$/i.exec(word)?.[1];
    if (number !== undefined) host = `host0${number}`;
    else if (word === 'interrupt') interrupt = true;
    else return { wrong: `${text}: “${word}” is neither a host nor “interrupt”` };
  }
  if (!hosts.includes(host)) {
    return { wrong: `${text}: the scenario has no ${host}; its hosts are ${hosts.join(', ')}` };
  }
  return { kind: 'exec', host, interrupt };
}
