// Chimes. They are off until a person switches them on, because not every bar wants them.
import { type Signal, signal } from "./signal.ts";
import type { Storage } from "./storage.ts";

export type Chime = "new" | "ready" | "call";
export type Sound = {
  on: Signal<boolean>;
  /** True if the sound is on, but the browser plays nothing before a tap or a key. */
  blocked: Signal<boolean>;
  /** Call it in the handler of a click. */
  enable(): Promise<void>;
  mute(): void;
  chime(kind: Chime): void;
};

const NOTES: Record<Chime, number[]> = {
  new: [660, 880],
  ready: [523, 659, 784],
  call: [784, 659, 784, 659],
};

function play(context: AudioContext, notes: readonly number[]): void {
  notes.forEach((frequency, index) => {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const at = context.currentTime + index * 0.18;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.3, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.45);
  });
}

export function createSound(storage: Storage): Sound {
  const on = signal(storage.read<boolean>("sound") === true);
  const blocked = signal(on.value);
  let context: AudioContext | undefined;

  async function unlock(): Promise<void> {
    context ??= new AudioContext();
    await context.resume();
    blocked.value = context.state !== "running";
  }
  const set = (value: boolean) => {
    on.value = value;
    storage.write("sound", value);
  };
  // After a reload the choice is kept, but the browser plays nothing before the first tap or key.
  const firstTap = () => {
    if (on.value) void unlock().catch(() => {});
  };
  globalThis.document?.addEventListener("pointerdown", firstTap, { once: true });
  globalThis.document?.addEventListener("keydown", firstTap, { once: true });

  return {
    on,
    blocked,
    async enable() {
      set(true);
      await unlock().catch(() => {
        blocked.value = true;
      });
      if (context && !blocked.value) play(context, NOTES.new);
    },
    mute: () => set(false),
    chime(kind) {
      if (on.value && context?.state === "running") play(context, NOTES[kind]);
    },
  };
}
