import { z } from 'zod';
import type { EngineStatus } from './engine.ts';
import type { ApiError } from './errors.ts';
import { MAX_INPUT_BYTES, TERMINAL_SIZES } from './limits.ts';
import { BlockId, HostName, LogId, RunId, Slug, StepId, TerminalId } from './names.ts';
import type { SessionView } from './session.ts';

/** One socket serves one lab page; the handshake names the scenario, the cookie its owner. */
export const Handshake = z.strictObject({ scenario: Slug });
export type Handshake = z.infer<typeof Handshake>;

const bytes = (limit: number) => z.instanceof(Uint8Array).refine((data) => data.byteLength <= limit);
const within = ({ least, most }: { least: number; most: number }) => z.int().min(least).max(most);

/**
 * What a page may send. Everything is parsed by these before it is acted on. What is asked of a lab names the run that
 * the page shows: nothing is done where the owner has another one, or none, and `run_outdated` is the answer where one is
 * awaited. Keys and all else of a terminal go to the one that this socket is attached to: of a run that has given way
 * there is none. So what is meant for one run never meets the next, also in the moment before the page is told of it.
 */
export const clientMessages = {
  /**
   * Attach to a terminal: receive its output from byte `since` of the log that it was told of; everything kept where
   * that is no longer the terminal's log, or none is named.
   */
  'terminal:attach': z.strictObject({
    run: RunId,
    id: TerminalId,
    log: LogId.optional(),
    since: z.int().nonnegative(),
  }),
  'terminal:detach': z.strictObject({ id: TerminalId }),
  /** Keys as the terminal encodes them. Where its shell has ended, Enter opens a new one. */
  'terminal:input': z.strictObject({ id: TerminalId, data: bytes(MAX_INPUT_BYTES) }),
  'terminal:resize': z.strictObject({
    id: TerminalId,
    columns: within(TERMINAL_SIZES.columns),
    rows: within(TERMINAL_SIZES.rows),
  }),
  /** Everything before byte `through` has been drawn; the server may send more. */
  'terminal:ack': z.strictObject({ id: TerminalId, through: z.int().nonnegative() }),
  /** Open another terminal on a host. Acknowledged with TerminalOpened, once the session lists it. */
  'terminal:open': z.strictObject({ run: RunId, host: HostName }),
  /** Close a terminal and end what runs in it; a host's first stays. */
  'terminal:close': z.strictObject({ run: RunId, id: TerminalId }),
  /** Type a command block of an unlocked step into the terminal of its host. Acknowledged with BlockRun. */
  'block:run': z.strictObject({ run: RunId, step: StepId, block: BlockId }),
} as const;
export type ClientMessages = {
  [name in keyof typeof clientMessages]: z.infer<(typeof clientMessages)[name]>;
};

/** The answer to `block:run`: the terminal that it was typed into, or why not. */
export type BlockRun = { terminal: TerminalId } | ApiError;

/** The answer to `terminal:open`: the new terminal, or why there is none. */
export type TerminalOpened = { terminal: TerminalId } | ApiError;

/** What a page receives. */
export type ServerMessages = {
  /** The session as it is now: after the handshake and at each change. Null before Start. */
  session: SessionView | null;
  /** The engine as it is now: after the handshake and at each change. */
  engine: EngineStatus;
  /**
   * Whether a terminal has a shell: sent when a page attaches to it and whenever that changes. What is before byte
   * `end` of its log was printed before this was sent, and may be old: nobody waits for an answer to it.
   */
  'terminal:state': { id: TerminalId; alive: boolean; log: LogId; end: number };
  /**
   * Bytes of a terminal's output. `from` is the offset of the first byte; it is above what the viewer
   * asked for when older output is no longer kept.
   */
  'terminal:output': { id: TerminalId; from: number; data: Uint8Array };
};
