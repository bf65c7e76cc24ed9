/** A sentence for the learner, in each language that Drydock speaks. */
export type Message = { en: string; 'zh-CN': string };

/** What a validator says of a cluster; see the protocol's Verdict. A thrown error becomes `error`. */
export type Verdict =
  | { outcome: 'pass' }
  | { outcome: 'fail'; reason: Message; hint?: Message }
  | { outcome: 'error'; reason: Message };

export const pass = (): Verdict => ({ outcome: 'pass' });

/** Not yet: say what was expected and what was seen, and where there is a likely cause, what to try. */
export const fail = (reason: Message, hint?: Message): Verdict =>
  hint === undefined ? { outcome: 'fail', reason } : { outcome: 'fail', reason, hint };
