// Reporter of Node's test runner: a line for each test, and for each file that failed as a whole.
import type { TestEvent } from "node:test/reporters";

export type Outcome = { file: string; name: string; passed: boolean };

export default async function* outcomes(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { file = "", name } = event.data;
    const outcome: Outcome = { file, name, passed: event.type === "test:pass" };
    yield `${JSON.stringify(outcome)}\n`;
  }
}
