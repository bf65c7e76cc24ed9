import { describePty } from '../support/pty-contract.ts';
import { localHolders } from '../support/local-holders.ts';

describePty('on this machine', localHolders);
