import type { MarkdownIt, Token } from 'markdown-it';
import { inlineTokens } from './inline-tokens.ts';
import type { Reading } from './reading.ts';

/** Pictures from the scenario's folder `assets/`, each with words for whoever cannot see it. */
export function images(md: MarkdownIt, reading: Reading): void {
  md.core.ruler.push('images', (state) => {
    for (const { inline, line } of inlineTokens(state.tokens)) {
      if (inline.type === 'image') readImage(inline, line, reading);
    }
  });
}

function readImage(image: Token, line: number, reading: Reading): void {
  const source = String(image.attrGet('src') ?? '');
  const place = reading.placeIn(line, source);
  const alt = (image.children ?? []).map(({ content }) => content).join('');
  if (alt.trim() === '') {
    reading.report(
      place,
      `the picture ${source} has no words for whoever cannot see it: ![words](${source})`,
    );
  }
  const path = source.replace(/^\.\//, '');
  if (!path.startsWith('assets/')) {
    return reading.report(place, `a picture comes from the scenario’s folder assets/, not from “${source}”`);
  }
  const asset = reading.options.asset?.(path) ?? { wrong: `there is no ${path} here` };
  if ('wrong' in asset) reading.report(place, asset.wrong);
  else image.attrSet('src', asset.url);
}
