import { VARIABLE, variableName } from '../variables.ts';
import type { Reading } from './reading.ts';

/** Report every variable, in text and command, that is none of the scenario's. */
export function readVariables(reading: Reading): void {
  const known = new Set(reading.options.hosts.map(variableName));
  for (const [line, text] of reading.lines.entries()) {
    for (const { 0: whole, 1: name = '', index: column } of text.matchAll(VARIABLE)) {
      if (known.has(name)) continue;
      const message = `${whole} is no variable of this scenario; known are ${[...known].join(', ')}`;
      reading.report({ line, column }, message);
    }
  }
}
