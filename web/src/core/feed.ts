// Items of a list: the last read, and what is newer. Messages may be lost, doubled, late and in any
// order; a list may lag behind what was said.

/** Milliseconds by which a list lags behind events and accepted commands, at most. */
export const LAG = 15_000;

export type Feed<K, T> = {
  items: ReadonlyMap<K, T>;
  /** Times in ms of what was said since the last read, or so shortly before that it may lag. */
  heard: ReadonlyMap<K, number>;
  /** Server's time in ms at which the last read was sent. */
  readAt: number;
  /** The last read lacks something that was said: worth another read soon. */
  behind: boolean;
};

export type Kind<T> = {
  /** The item that is further along, or the second one. */
  join(known: T, next: T): T;
  /** Items that no list has. They stay until no earlier message can come. */
  ended(item: T): boolean;
};

export const emptyFeed = <K, T>(): Feed<K, T> => ({
  items: new Map(),
  heard: new Map(),
  readAt: Number.NEGATIVE_INFINITY,
  behind: false,
});

/** Everything that lists contain, each item at least as far along as it was known to be. */
export function read<K, T>(
  { items, heard }: Feed<K, T>,
  listed: Iterable<readonly [K, T]>,
  sentAt: number,
  { join, ended }: Kind<T>,
): Feed<K, T> {
  const next = new Map<K, T>();
  for (const [key, item] of listed) {
    const known = next.get(key) ?? items.get(key);
    next.set(key, known === undefined ? item : join(known, item));
  }
  const still = new Map([...heard].filter(([, at]) => at > sentAt - LAG));
  let behind = false;
  for (const key of still.keys()) {
    const known = items.get(key);
    if (known === undefined) continue;
    behind ||= ended(known) === next.has(key);
    if (!next.has(key)) next.set(key, known);
  }
  return { items: next, heard: still, readAt: sentAt, behind };
}

/**
 * What a message said at a time, or an accepted command. `change` has the item that is known, and
 * returns none if it cannot tell the item: then the feed needs a read.
 */
export function hear<K, T>(
  feed: Feed<K, T>,
  key: K,
  at: number,
  change: (known: T | undefined) => T | undefined,
): Feed<K, T> | undefined {
  const known = feed.items.get(key);
  // The last read is later than this: the item has left the lists.
  if (known === undefined && at <= feed.readAt - LAG) return feed;
  const next = change(known);
  if (next === undefined) return undefined;
  const heard = new Map(feed.heard).set(key, Math.max(at, feed.heard.get(key) ?? at));
  return { ...feed, items: new Map(feed.items).set(key, next), heard };
}
