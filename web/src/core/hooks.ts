// Hooks of components. They replace preact/hooks, which makes the pages larger (ADR 21).
import { type Component, options, type VNode } from "preact";

export type Ref<T> = { current: T };
/** `stop` is the clean-up of an effect, called before its next run and after the unmount. */
type Slot = { value?: unknown; deps?: readonly unknown[]; stop?: unknown };
type Rendered = VNode & { __c?: Component };

/** The component whose function runs, and the number of hooks that it has called. */
let rendering: Component | undefined;
let called = 0;
const slots = new WeakMap<Component, Slot[]>();

/**
 * Functions that Preact calls with a vnode: `__r` before its component renders, `diffed` after its
 * rendering, and `unmount` when it is removed.
 */
const calls = options as unknown as Record<string, ((vnode: Rendered) => void) | undefined>;

/** Lets Preact call `run` with the component of the vnode, if it has one. */
export function hook(
  name: "__r" | "diffed" | "unmount",
  run: (component: Component | undefined) => void,
): void {
  const before = calls[name];
  calls[name] = (vnode) => {
    before?.(vnode);
    run(vnode.__c);
  };
}

hook("__r", (component) => {
  rendering = component;
  called = 0;
});
hook("diffed", () => {
  rendering = undefined;
});
hook("unmount", (component) => {
  if (!component) return;
  for (const { stop } of slots.get(component) ?? []) soon(component, stop);
  slots.delete(component);
});

/**
 * Calls `run`, if it is a function, after the document has changed. Preact handles its exceptions
 * like those of the component.
 */
function soon(component: Component, run: unknown): void {
  if (typeof run !== "function") return;
  setTimeout(() => {
    try {
      run();
    } catch (error) {
      const { __e } = options as unknown as { __e(error: unknown, vnode: VNode): void };
      __e(error, (component as unknown as { __v: VNode }).__v);
    }
  });
}

export const renderingNow = (): Component | undefined => rendering;

function slot(component: Component): Slot {
  const all = slots.get(component) ?? [];
  slots.set(component, all);
  const own = all[called] ?? {};
  all[called++] = own;
  return own;
}

/** Returns the value that the component made at its first render. */
export function useKept<T>(make: () => T): T {
  const own = slot(rendering as Component);
  own.value ??= make();
  return own.value as T;
}

export const useRef = <T>(value: T): Ref<T> => useKept(() => ({ current: value }));

/**
 * Calls `run` after each render; with `deps`, after the first render and after each render in which
 * one of them has changed. If `run` returns a function, this is the clean-up of the effect.
 */
export function useEffect(run: () => unknown, deps?: readonly unknown[]): void {
  const component = rendering as Component;
  const own = slot(component);
  if (own.deps && deps?.every((dep, at) => dep === own.deps?.[at])) return;
  if (deps) own.deps = deps;
  soon(component, () => {
    if (!slots.has(component)) return;
    if (typeof own.stop === "function") own.stop();
    own.stop = run();
  });
}
