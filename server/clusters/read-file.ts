import { posix } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import type Docker from 'dockerode';
import { extract } from 'tar-stream';
import type { ExecOptions, FileContent } from './cluster.ts';
import { OUTPUT_LIMIT } from './exec-stream.ts';
import { statusOf } from './status-of.ts';

/** How many links may lead to a file: more lead in a circle. */
const MOST_LINKS = 8;

/** What an engine says, as a fault of its own, of a path that goes through a file or in a circle. */
const LEADS_NOWHERE = /not a directory|too many links/;

/** See `Host.readFile`. The engine reads it, from the container's file system and volumes; what else is mounted it does not see. */
export async function readFileOf(
  container: Docker.Container,
  path: string,
  { signal, limit = OUTPUT_LIMIT }: ExecOptions,
): Promise<FileContent | null> {
  let at = path;
  for (let links = 0; links <= MOST_LINKS; links++) {
    signal.throwIfAborted();
    const found = await readEntry(container, at, signal, limit);
    if (found === null || !('link' in found)) return found;
    at = posix.resolve(posix.dirname(at), found.link);
  }
  return null;
}

async function readEntry(
  container: Docker.Container,
  path: string,
  signal: AbortSignal,
  limit: number,
): Promise<FileContent | { link: string } | null> {
  let archive: NodeJS.ReadableStream;
  try {
    archive = await container.getArchive({ path });
  } catch (error) {
    signal.throwIfAborted();
    if (statusOf(error) === 404 || LEADS_NOWHERE.test(String(error))) return null;
    throw error;
  }
  if (!(archive instanceof Readable)) throw new TypeError('An archive is no stream of Node.js.');
  const entries = addAbortSignal(signal, archive).pipe(extract());
  archive.on('error', (error) => entries.destroy(error));
  try {
    for await (const entry of entries) {
      const { type, linkname } = entry.header;
      if (type === 'symlink') return { link: linkname ?? '' };
      if (type !== 'file') return { kind: type === 'directory' ? 'folder' : 'other', bytes: Buffer.alloc(0) };
      return { kind: 'file', bytes: await beginningOf(entry, limit) };
    }
    return null;
  } finally {
    archive.destroy();
  }
}

async function beginningOf(bytes: AsyncIterable<unknown>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks).subarray(0, limit);
}
