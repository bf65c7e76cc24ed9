import type { Validator } from './kit/index.ts';
import alternatingHostnames from './alternating-hostnames.ts';
import containerRan from './container-ran.ts';
import dnsReturnsVip from './dns-returns-vip.ts';
import fileExists from './file-exists.ts';
import httpAnswers from './http-answers.ts';
import overlayNetwork from './overlay-network.ts';
import requestsCounted from './requests-counted.ts';
import script from './script.ts';
import serviceOnNetwork from './service-on-network.ts';
import serviceReplicated from './service-replicated.ts';
import swarmJoined from './swarm-joined.ts';
import tasksOnHosts from './tasks-on-hosts.ts';

/** Every validator by the name that scenario.yaml gives it. */
export const validators: ReadonlyMap<string, Validator> = new Map(
  [
    alternatingHostnames,
    containerRan,
    dnsReturnsVip,
    fileExists,
    httpAnswers,
    overlayNetwork,
    requestsCounted,
    script,
    serviceOnNetwork,
    serviceReplicated,
    swarmJoined,
    tasksOnHosts,
  ].map((validator) => [validator.name, validator]),
);
