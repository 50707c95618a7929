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

/** Preact calls these for each vnode; `__r` before a component renders. */
const calls = options as unknown as Record<string, ((vnode: Rendered) => void) | undefined>;

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

/** Runs after the document has changed. Preact handles an exception as one of the component. */
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

/** Runs after each render, or, with `deps`, after the first one and after each change of them. */
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
