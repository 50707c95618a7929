// Data that a page keeps. If the browser forbids storage, the data is lost with the page.

export type Storage = {
  read<T>(key: string): T | undefined;
  /** False if the value is only in memory. */
  write(key: string, value: unknown): boolean;
  remove(key: string): void;
};

export type Backing = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem">;

/**
 * Returns `undefined` if the browser forbids storage. `sessionStorage` lasts until the tab is
 * closed.
 */
export function browserStorage(
  name: "localStorage" | "sessionStorage" = "localStorage",
): Backing | undefined {
  try {
    return globalThis[name];
  } catch {
    return undefined;
  }
}

/** `shop`: id of the shop that the data is about; empty for data of all shops. */
export function createStorage(shop: string, backing: Backing | undefined = browserStorage()): Storage {
  const memory = new Map<string, string>();
  const name = (key: string) => `bar:${shop}:${key}`;
  const stored = (key: string): string | null => {
    try {
      return backing?.getItem(name(key)) ?? null;
    } catch {
      return null;
    }
  };
  return {
    read<T>(key: string): T | undefined {
      const text = memory.get(key) ?? stored(key);
      if (text == null) return undefined;
      try {
        return JSON.parse(text) as T;
      } catch {
        return undefined;
      }
    },
    write(key, value) {
      const text = JSON.stringify(value);
      try {
        if (!backing) throw new Error("no storage");
        backing.setItem(name(key), text);
        memory.delete(key);
        return true;
      } catch {
        memory.set(key, text);
        return false;
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        backing?.removeItem(name(key));
      } catch {
        // The browser forbids storage, so the value was only in memory.
      }
    },
  };
}
