// Loads a changed page, because a display runs for days and nobody reloads it.

const CHECK = 600_000;

async function versionOf(address: string, send: typeof fetch): Promise<string | undefined> {
  try {
    // The API has no HEAD. For an unchanged page the server sends a 304 without a body.
    const response = await send(address, { cache: "no-cache", credentials: "omit" });
    return response.ok ? (response.headers.get("etag") ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

export type UpdateSettings = {
  address: string;
  reload(): void;
  /** False while a reload would lose something. */
  ready(): boolean;
  send?: typeof fetch;
};

/**
 * `check` reloads the page if its `ETag` on the server has changed and `ready` returns true. It
 * does nothing if the server does not answer.
 */
export function createUpdate(settings: UpdateSettings): { check(): Promise<void> } {
  const send = settings.send ?? ((...args) => fetch(...args));
  let running: string | undefined;
  return {
    async check() {
      const version = await versionOf(settings.address, send);
      running ??= version;
      if (version && version !== running && settings.ready()) settings.reload();
    },
  };
}

export function watchVersion(settings: UpdateSettings): void {
  const update = createUpdate(settings);
  void update.check();
  setInterval(() => void update.check(), CHECK * (0.9 + 0.2 * Math.random()));
}
