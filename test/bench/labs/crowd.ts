import { routes } from '../../../server/protocol/index.ts';
import { LabClient } from '../../support/lab-client.ts';
import type { PeerProcess } from '../peer-process.ts';
import { measured, type Row } from '../row.ts';
import { untilSpares } from './until-settled.ts';

const LEARNERS = 20;

/** Twenty who press Start at once on a server with fewer places: each ends the lab once it is there. */
export async function crowdRows(
  server: PeerProcess,
  slug: string,
  spares: number,
  say: (text: string) => void,
): Promise<Row[]> {
  await untilSpares(server, spares);
  say(`${LEARNERS} learners at once`);
  const began = performance.now();
  const learners = Array.from({ length: LEARNERS }, async () => {
    using learner = new LabClient(server.url, slug);
    let place: number | null = null;
    await learner.connect();
    await learner.request('POST', routes.session(slug));
    await learner.untilSession((session) => {
      if (session.status === 'queued') place ??= session.place;
      if (session.status === 'failed' || session.status === 'ended') throw new Error(JSON.stringify(session));
      return session.status === 'ready';
    });
    const seconds = (performance.now() - began) / 1000;
    await learner.request('DELETE', routes.session(slug));
    return { place, seconds };
  });
  const done = await Promise.allSettled(learners);
  const ready = done.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const waited = ready.filter(({ place }) => place !== null).length;
  const seconds = ready.map((each) => each.seconds).toSorted((a, b) => a - b);
  return [
    measured(
      `${LEARNERS} learners who press Start at once: labs that fail`,
      '',
      [LEARNERS - ready.length],
      0,
    ),
    measured('of them, those who saw a place in the queue', '', [waited], null),
    {
      ...measured('from Start to the last of their labs', 's', [seconds.at(-1) ?? 0], null),
      rounds: seconds,
    },
  ];
}
