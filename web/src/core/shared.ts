// Values that the views of a document share. A document has one page, so a variable of a module
// replaces a context of Preact.

export type Shared<T> = { give(value: T): void; use(): T };

export function shared<T>(): Shared<T> {
  let given: T | undefined;
  return {
    give(value) {
      given = value;
    },
    use() {
      if (!given) throw new Error("nothing given");
      return given;
    },
  };
}
