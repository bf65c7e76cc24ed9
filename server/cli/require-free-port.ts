/** Rejects with the system's error, such as EADDRINUSE, where nobody could listen now. */
export { freePort as requireFreePort } from '../engines/embedded/free-port.ts';
