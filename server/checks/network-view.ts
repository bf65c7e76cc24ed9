import { addAbortSignal } from 'node:stream';
import type { NetworkView, NoAnswer } from '../../validators/kit/index.ts';
import { asError } from '../clusters/as-error.ts';
import type { Host } from '../clusters/cluster.ts';
import { ProbeError } from '../clusters/probe-error.ts';
import { EngineError } from './engine-error.ts';
import { httpGet } from './http-get.ts';
import { lookup } from './lookup.ts';
import { redisGet } from './redis-get.ts';

/** An application that has not answered by then is taken not to. */
const ANSWER_SECONDS = 5;
const BODY_LIMIT = 64 * 1024;
/** Where Docker's name server is for every container, and so for hosts, which are containers. */
const NAME_SERVER = { address: '127.0.0.11', port: 53 };

/** The looks that validators get from the network that `way` leads into, under one deadline. */
export function networkView(way: Pick<Host, 'dial' | 'untilDialling'>, deadline: AbortSignal): NetworkView {
  /** Not to be answered is a finding; not to be able to ask, or to have no more time for it, is an error. */
  const answer = async <T>(look: (signal: AbortSignal) => Promise<T>): Promise<T | NoAnswer> => {
    // How long that takes, on a busy machine, says nothing of the application.
    await way.untilDialling(deadline);
    const patience = AbortSignal.timeout(ANSWER_SECONDS * 1000);
    try {
      return await look(AbortSignal.any([deadline, patience]));
    } catch (error) {
      deadline.throwIfAborted();
      if (error instanceof ProbeError || error instanceof EngineError) throw error;
      if (patience.aborted) return { failure: `no answer within ${ANSWER_SECONDS} seconds` };
      return { failure: asError(error).message.slice(0, 200) };
    }
  };
  return {
    httpGet: ({ address, port, path = '/' }) =>
      answer(async (signal) => {
        const connection = await way.dial(address, port, signal);
        const at = { host: `${address}:${port}`, path, limit: BODY_LIMIT, signal };
        const { status, body } = await httpGet(connection, at);
        return { status, body: body.toString('utf8') };
      }),
    redisGet: ({ address, port }, key) =>
      answer(async (signal) => {
        const connection = await way.dial(address, port, signal);
        return redisGet(addAbortSignal(signal, connection), key);
      }),
    lookup: (name) =>
      answer(async (signal) => {
        const connection = await way.dial(NAME_SERVER.address, NAME_SERVER.port, signal);
        return lookup(addAbortSignal(signal, connection), name);
      }),
  };
}
