import { routes } from '../../server/protocol/index.ts';
import { LabClient } from '../support/lab-client.ts';

/** Seconds from pressing Start to a prompt on every host of a lab; the lab is ended again. */
export async function secondsToPrompts(url: string, slug: string, hosts: readonly string[]): Promise<number> {
  using learner = new LabClient(url, slug);
  await learner.connect();
  const began = performance.now();
  await learner.start();
  for (const host of hosts) learner.attach(host);
  await Promise.all(hosts.map((host) => learner.untilScreen(host, ({ text }) => text.includes(host))));
  const seconds = (performance.now() - began) / 1000;
  await learner.request('DELETE', routes.session(slug));
  return seconds;
}
