import { DIRECTIVE } from './directive.ts';

const OPENING = /^(?:[\s>]|[-*+]\s|\d{1,9}[.)]\s)*(`{3,}|~{3,})/;
const CLOSING = new RegExp(`^([\\s>]*)(\`{3,}|~{3,})\\s*(${DIRECTIVE.source})\\s*$`);

/**
 * Takes the directives off closing fences (Katacoda's way to write them), where CommonMark would see no closing
 * fence at all. Lines keep their numbers; the directives are given by the line (from 0) that they stood on.
 */
export function takeClosingDirectives(source: string): { source: string; directives: Map<number, string> } {
  const directives = new Map<number, string>();
  let open: string | undefined;
  const lines = source.split(/\r?\n/).map((line, number) => {
    if (open === undefined) {
      open = OPENING.exec(line)?.[1];
      return line;
    }
    const [, indent = '', fence = '', directive] = CLOSING.exec(line) ?? [];
    if (directive !== undefined && fence.startsWith(open)) {
      directives.set(number, directive);
      open = undefined;
      return indent + fence;
    }
    const plain = /^[\s>]*(`{3,}|~{3,})\s*$/.exec(line)?.[1];
    if (plain?.startsWith(open)) open = undefined;
    return line;
  });
  return { source: lines.join('\n'), directives };
}
