// Items of a list, from the last read and from newer messages and accepted commands. Messages may
// be lost, doubled, late and in any order; a read may lag behind messages and commands.

/** Largest expected lag of a read behind events and accepted commands, in ms. */
export const LAG = 15_000;

export type Feed<K, T> = {
  items: ReadonlyMap<K, T>;
  /**
   * Time in ms of the latest change of an item that a message or a command reported. A read removes
   * the entries of changes that it certainly includes.
   */
  changedAt: ReadonlyMap<K, number>;
  /** Server's time in ms at which the last read was sent. */
  readAt: number;
  /** The last read lists an item that has ended, or lacks one that has not: read again soon. */
  behind: boolean;
};

export type Kind<T> = {
  /** Joins two views of an item: the one that is further along counts; of equal ones, `next`. */
  join(known: T, next: T): T;
  /**
   * True if no list has the item any more. The feed keeps such an item until a read is so much
   * newer that `apply` ignores older messages about it.
   */
  ended(item: T): boolean;
};

export const emptyFeed = <K, T>(): Feed<K, T> => ({
  items: new Map(),
  changedAt: new Map(),
  readAt: Number.NEGATIVE_INFINITY,
  behind: false,
});

/**
 * The feed after a read: the listed items, each at least as far along as it was known to be, and
 * the items of recent messages and commands.
 */
export function read<K, T>(
  { items, changedAt }: Feed<K, T>,
  listed: Iterable<readonly [K, T]>,
  sentAt: number,
  { join, ended }: Kind<T>,
): Feed<K, T> {
  const next = new Map<K, T>();
  for (const [key, item] of listed) {
    const known = next.get(key) ?? items.get(key);
    next.set(key, known === undefined ? item : join(known, item));
  }
  const still = new Map([...changedAt].filter(([, at]) => at > sentAt - LAG));
  let behind = false;
  for (const key of still.keys()) {
    const known = items.get(key);
    if (known === undefined) continue;
    behind ||= ended(known) === next.has(key);
    if (!next.has(key)) next.set(key, known);
  }
  return { items: next, changedAt: still, readAt: sentAt, behind };
}

/**
 * The feed after a message of the time `at`. `change` makes the new item
 * from the known one, and returns `undefined` if the message says too little. Then the result is
 * `undefined`, too, and the caller has to read.
 */
export function apply<K, T>(
  feed: Feed<K, T>,
  key: K,
  at: number,
  change: (known: T | undefined) => T | undefined,
): Feed<K, T> | undefined {
  const known = feed.items.get(key);
  // The last read is newer than the message and lacks the item, so the item has left the lists.
  if (known === undefined && at <= feed.readAt - LAG) return feed;
  const next = change(known);
  if (next === undefined) return undefined;
  const changedAt = new Map(feed.changedAt).set(key, Math.max(at, feed.changedAt.get(key) ?? at));
  return { ...feed, items: new Map(feed.items).set(key, next), changedAt };
}
