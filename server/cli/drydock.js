#!/usr/bin/env node
import { join } from 'node:path';
import { become, ROOT } from './packages.js';

become([join(ROOT, 'server/main.ts'), ...process.argv.slice(2)], { keepRoot: true });
