import { type ComponentChild, render } from "preact";

/** As much of a document as Preact needs to render text into elements. */
export class Place {
  nodeType = 1;
  namespaceURI = "http://www.w3.org/1999/xhtml";
  attributes = [];
  data = "";
  parentNode: Place | null = null;
  childNodes: Place[] = [];
  ownerDocument = {
    createElementNS: () => new Place(),
    createTextNode: (data: string) => Object.assign(new Place(), { nodeType: 3, data }),
  };
  get firstChild(): Place | null {
    return this.childNodes[0] ?? null;
  }
  get nextSibling(): Place | null {
    const { childNodes = [] } = this.parentNode ?? {};
    return childNodes[childNodes.indexOf(this) + 1] ?? null;
  }
  insertBefore(child: Place, before: Place | null) {
    child.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, child);
    child.parentNode = this;
  }
  remove() {
    const { parentNode } = this;
    if (parentNode) parentNode.childNodes = parentNode.childNodes.filter((child) => child !== this);
    this.parentNode = null;
  }
  get text(): string {
    return this.data + this.childNodes.map(({ text }) => text).join("");
  }
}

export const show = (place: Place, view: ComponentChild): void => render(view, place as never);

/** Resolves when the views are rendered and their effects have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((done) => setTimeout(done, 2));
}
