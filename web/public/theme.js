// Runs before the first paint, so that a dark page never flashes white. The page's preferences take over later.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem('drydock.theme');
  } catch {
    // Storage may be forbidden; then the system's theme holds.
  }
  const dark =
    choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
