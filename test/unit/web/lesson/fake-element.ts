/**
 * As much of an element as a lesson's buttons need: children, data, classes, and the selectors that are used
 * there. A test gives it where an HTMLElement is asked for.
 */
export class FakeElement {
  readonly dataset: Record<string, string> = {};
  readonly attributes = new Map<string, string>();
  readonly children: FakeElement[] = [];
  readonly tag: string;
  className = '';
  title = '';
  textContent = '';
  parent: FakeElement | null = null;

  constructor(tag: string) {
    this.tag = tag;
  }

  get ownerDocument() {
    return { createElement: (tag: string) => new FakeElement(tag) };
  }

  append(...children: FakeElement[]): void {
    for (const child of children) {
      child.parent = this;
      this.children.push(child);
    }
  }

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  querySelectorAll(selector: string): FakeElement[] {
    return this.children.flatMap((child) => [
      ...(child.matches(selector) ? [child] : []),
      ...child.querySelectorAll(selector),
    ]);
  }

  querySelector(selector: string): FakeElement | null {
    return this.querySelectorAll(selector)[0] ?? null;
  }

  closest(selector: string): FakeElement | null {
    return this.matches(selector) ? this : (this.parent?.closest(selector) ?? null);
  }

  matches(selectors: string): boolean {
    return selectors.split(', ').some((selector) => {
      const data = /^\[data-(\w+)(?:="(\w+)")?\]$/.exec(selector);
      if (data !== null) {
        const value = this.dataset[data[1] ?? ''];
        return value !== undefined && (data[2] === undefined || data[2] === value);
      }
      return selector.startsWith('.') ? this.className === selector.slice(1) : this.tag === selector;
    });
  }
}
