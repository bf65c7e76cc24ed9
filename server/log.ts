import { destination, pino, type Logger } from 'pino';

/** The server's log, in a file. Where the disk is full its lines are lost, which must not end anybody's lab. */
export function openLog(file: string): Logger {
  const target = destination({ dest: file, mkdir: true, sync: true });
  target.on('error', () => undefined);
  return pino(target);
}
