import type { HostName, TerminalId } from '../../../server/protocol/index.ts';

/** What a terminal is called on the page: by its host, and those beyond the first by a number, too. */
export function terminalName({ id, host }: { id: TerminalId; host: HostName }): string {
  return id === host ? host : `${host} (${id.slice(host.length + 1)})`;
}
