import { stripVTControlCharacters } from 'node:util';
import type { StageEvent } from '../engines/stages.ts';

export type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number };

const ERASE_LINE = '\r\u001b[2K';

/**
 * Tells on a terminal how far set-up has come: a line for each stage when it is done, and below them, where
 * the output is a terminal, what is being done at this moment.
 *
 * @param total how many stages there can be; those whose result is kept from an earlier run pass at once
 */
export function printStages(output: Output, total: number): (event: StageEvent) => void {
  let count = 0;
  let startedAt = 0;
  const position = () => `[${count}/${total}]`;
  const live = (text: string) => {
    if (output.isTTY) output.write(ERASE_LINE + text.slice(0, (output.columns ?? 80) - 1));
  };
  return (event) => {
    switch (event.state) {
      case 'started':
        count += 1;
        startedAt = performance.now();
        if (output.isTTY) live(`${position()} ${event.stage.name.en} …`);
        else output.write(`${position()} ${event.stage.name.en} …\n`);
        return;
      case 'progress': {
        const seconds = Math.round((performance.now() - startedAt) / 1000);
        // Programs colour what they print, and a line that is cut may lose its way back from a colour.
        const line = stripVTControlCharacters(event.line).replaceAll(/\s+/g, ' ');
        live(`${position()} ${event.stage.name.en} … ${seconds} s  ${line}`);
        return;
      }
      case 'finished': {
        const took = event.seconds < 1 ? 'ready' : `${Math.round(event.seconds)} s`;
        output.write(`${output.isTTY ? ERASE_LINE : ''}${position()} ${event.stage.name.en}: ${took}\n`);
        return;
      }
      default:
        event satisfies never;
    }
  };
}
