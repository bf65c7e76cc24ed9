import { join } from 'node:path';

/** Where an engine of a name runs from: its disks, its sockets, its logs. */
export const runFolder = (cache: string, name: string): string => join(cache, `engine-${name}`);

/** Whether an entry of a cache folder is what an engine runs from, or was run from. */
export const isRunFolder = (entry: string): boolean => /^engine-[a-z]+$/.test(entry);
