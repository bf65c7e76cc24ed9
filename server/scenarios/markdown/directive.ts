import type { HostName } from '../../protocol/index.ts';

/**
 * What an author writes after a command: `{{exec HOST2}}`, `{{exec interrupt}}`, `{{copy}}`. Katacoda's `execute` is the
 * same as `exec`, and Killercoda's `{{}}`, which takes away the button that code has there by itself, changes nothing.
 */
export type Directive = { kind: 'exec'; host: HostName; interrupt: boolean } | { kind: 'copy' } | null;

/** What begins as a directive does; whether it is a good one, `parseDirective` says. A Go template never does. */
const WORDS = String.raw`((?:[Ee]xec|EXEC|[Ee]xecute|EXECUTE|[Cc]opy|COPY|[Oo]pen|OPEN)\b)([^{}\n]*)|(TRAFFIC_\w+)[ \t]*`;
const DIRECTIVE = String.raw`\{\{[ \t]*(?:${WORDS})?\}\}`;
const LEADING = new RegExp(`^${DIRECTIVE}`);
const TRAILING = new RegExp(String.raw`(${DIRECTIVE})[ \t]*$`);
const ANYWHERE = new RegExp(String.raw`\{\{[ \t]*(?:${WORDS})\}\}`);

/** The directive at the start of `text`, as it is written. */
export const leadingDirective = (text: string): string | undefined => LEADING.exec(text)?.[0];

/** The first directive anywhere in `text`. `{{}}` by itself says nothing, so that it is none. */
export const anyDirective = (text: string): string | undefined => ANYWHERE.exec(text)?.[0];

/** The directive that ends `text`, and where it begins. */
export function trailingDirective(text: string): { text: string; at: number } | undefined {
  const found = TRAILING.exec(text);
  return found?.[1] === undefined ? undefined : { text: found[1], at: found.index };
}

/** The words of Katacoda that mean something which cannot be done here, and what to do instead. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^T\d+$/i, 'is a terminal’s number, but each host has one terminal here: name the host, such as HOST2'],
  [/^(ctrl-seq|no-newline)$/, 'cannot be sent here: write in the text which keys to press'],
];

/** What a directive means in a scenario with these hosts, the first of which runs what names none; or what is wrong. */
export function parseDirective(text: string, hosts: readonly HostName[]): Directive | { wrong: string } {
  const [, kind, rest = '', traffic] = LEADING.exec(text) ?? [];
  const wrong = (message: string) => ({ wrong: `${text}: ${message}` });
  if (traffic !== undefined) return wrong('there are no links to the ports of a host here: use curl instead');
  if (kind === undefined) return null;
  if (kind !== kind.toLowerCase()) return wrong(`“${kind}” is written “${kind.toLowerCase()}”`);
  const words = rest.trim().split(/\s+/).filter(Boolean);
  if (kind === 'open') return wrong('there is no editor here that could open a file');
  if (kind === 'copy') return words.length === 0 ? { kind: 'copy' } : wrong('“copy” takes no further words');
  const [first = ''] = hosts;
  let named: HostName | undefined;
  let interrupt = false;
  for (const word of words) {
    const number = /^host0?([1-9])$/i.exec(word)?.[1];
    const [, elsewhere] = ELSEWHERE.find(([pattern]) => pattern.test(word)) ?? [];
    if (number !== undefined && named !== undefined) return wrong('a command is run on one host');
    if (number !== undefined) named = `host0${number}`;
    else if (word === 'interrupt') interrupt = true;
    else return wrong(`“${word}” ${elsewhere ?? 'is neither a host nor “interrupt”'}`);
  }
  const host = named ?? first;
  if (!hosts.includes(host)) {
    return wrong(`the scenario has no ${host}; its hosts are ${hosts.join(', ')}`);
  }
  return { kind: 'exec', host, interrupt };
}
