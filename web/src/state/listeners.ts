/** Who listens to what, for a thing that tells of several. */
export class Listeners<Messages extends object> {
  readonly #listeners: { [N in keyof Messages]?: Set<(message: Messages[N]) => void> } = {};

  /** Listen; the function that is returned stops it. */
  on<N extends keyof Messages>(name: N, listener: (message: Messages[N]) => void): () => void {
    const listeners = (this.#listeners[name] ??= new Set());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  tell<N extends keyof Messages>(name: N, message: Messages[N]): void {
    for (const listener of this.#listeners[name] ?? []) listener(message);
  }
}
