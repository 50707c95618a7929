// Waiting with a deadline.

/** The first value of `read` that is not undefined. */
export async function until<T>(what: string, read: () => Promise<T | undefined>, seconds = 20): Promise<T> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((done) => setTimeout(done, 150));
  }
  throw new Error(`${what}: not within ${seconds} s`);
}
