// Installs the locked packages and ends: for who has root, and must not install them as root.
import { ensurePackages } from './packages.js';

try {
  ensurePackages();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
