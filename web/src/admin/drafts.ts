// The edit of each view. It remains while another view is shown.
import type { Failure } from "../core/api.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Shop } from "../core/types.ts";
import type { Versioned } from "./settings.ts";

export type Editing = { busy: boolean; saved: boolean; failure?: Failure; conflict?: Versioned };

/** Makes the draft of a view from the settings, and compares a draft with the settings. */
export type Kind<T> = { of(shop: Shop): T; changed(draft: T, shop: Shop): boolean };

export class Edit<T> {
  readonly draft: Signal<T>;
  /** The settings on which the draft is based. */
  readonly based: Signal<Versioned>;
  readonly state: Signal<Editing> = signal({ busy: false, saved: false });
  readonly #kind: Kind<T>;

  constructor(base: Versioned, kind: Kind<T>) {
    this.#kind = kind;
    this.based = signal(base);
    this.draft = signal(kind.of(base.shop));
  }

  get changed(): boolean {
    return this.#kind.changed(this.draft.value, this.based.value.shop);
  }

  /** Makes the draft again, from these settings. */
  load(base: Versioned): void {
    this.based.value = base;
    this.draft.value = this.#kind.of(base.shop);
  }
}

export class Drafts {
  readonly #edits = new Map<string, Edit<unknown>>();

  /** The edit of a view: the one that was begun, or a new one of these settings. */
  open<T>(view: string, base: Versioned, kind: Kind<T>): Edit<T> {
    const edit = (this.#edits.get(view) as Edit<T> | undefined) ?? new Edit(base, kind);
    this.#edits.set(view, edit as Edit<unknown>);
    return edit;
  }

  /** Drops an edit that changed nothing, so that the view shows the latest settings next time. */
  close(view: string): void {
    const edit = this.#edits.get(view);
    if (edit && !edit.changed && !edit.state.value.busy) this.#edits.delete(view);
  }

  get unsaved(): boolean {
    return [...this.#edits.values()].some((edit) => edit.changed);
  }
}
