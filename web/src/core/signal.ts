// Values that views follow: a component that has read one renders again when it changes. They
// replace @preact/signals, which makes the pages larger (ADR 21).
import { Component } from "preact";
import { hook, renderingNow, useKept } from "./hooks.ts";

export type ReadonlySignal<T> = { readonly value: T };
export type Signal<T> = {
  value: T;
  /**
   * Calls `run` with the value, now and after each change, until the returned function is called.
   */
  subscribe(run: (value: T) => void): () => void;
};

type Readers = Set<Component>;

/** For each mounted component, the reader sets of the signals that it has read. */
const reads = new WeakMap<Component, Set<Readers>>();

hook("unmount", (component) => {
  if (component) for (const readers of reads.get(component) ?? []) readers.delete(component);
});

/** A component that reads signals does not render again for the same properties. */
Component.prototype.shouldComponentUpdate = function (next, state): boolean {
  const now: Record<string, unknown> = this.props;
  const then = next as Record<string, unknown>;
  const names = Object.keys({ ...now, ...then });
  return !reads.has(this) || state !== this.state || names.some((name) => now[name] !== then[name]);
};

export function signal<T>(value: T): Signal<T> {
  const readers: Readers = new Set();
  const runs = new Set<(value: T) => void>();
  return {
    get value() {
      const rendering = renderingNow();
      if (rendering) {
        readers.add(rendering);
        const sets = reads.get(rendering);
        if (sets) sets.add(readers);
        else reads.set(rendering, new Set([readers]));
      }
      return value;
    },
    set value(next) {
      if (next === value) return;
      value = next;
      const before = [...readers];
      readers.clear();
      for (const reader of before) reader.forceUpdate();
      for (const run of runs) run(next);
    },
    subscribe(run) {
      runs.add(run);
      run(value);
      return () => runs.delete(run);
    },
  };
}

export const useSignal = <T>(value: T): Signal<T> => useKept(() => signal(value));
