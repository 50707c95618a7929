// The choices of this tablet.

import { createPrefs, type Prefs } from "../barista/prefs.ts";
import { usePage } from "../core/app.tsx";
import { createSound } from "../core/sound.ts";
import { Button } from "../core/views.tsx";
import { useStaff, useTexts } from "./context.tsx";

type Choices = ReturnType<typeof createPrefs> & { sound: ReturnType<typeof createSound> };
let kept: Choices | undefined;

function useChoices(): Choices {
  const { storage } = usePage();
  kept ??= { ...createPrefs(storage), sound: createSound(storage) };
  return kept;
}

export function Tablet() {
  const texts = useTexts();
  const { session, eventId } = useStaff();
  const { sound, prefs, setPrefs } = useChoices();
  const field = (label: string, name: "long" | "late" | "undo") => (
    <label class="row">
      <input
        type="number"
        class="limit"
        min={1}
        max={60}
        value={prefs.value[name]}
        onChange={(event) => {
          const value = event.currentTarget.valueAsNumber;
          if (Number.isInteger(value) && value >= 1 && value <= 60)
            setPrefs({ [name]: value } as Partial<Prefs>);
          else event.currentTarget.value = String(prefs.value[name]);
        }}
      />
      {label}
    </label>
  );
  const check = (label: string, checked: boolean, change: (on: boolean) => void) => (
    <label class="row">
      <input type="checkbox" checked={checked} onChange={(event) => change(event.currentTarget.checked)} />
      {label}
    </label>
  );
  return (
    <div class="stack">
      <h2>{texts.tablet}</h2>
      <p>
        {texts.shopId} <b>{eventId}</b>
      </p>
      {check(texts.sound, sound.on.value, (on) => (on ? void sound.enable() : sound.mute()))}
      <div class="row">
        {sound.on.value && <Button onClick={() => sound.enable()}>{texts.testSound}</Button>}
      </div>
      {navigator.wakeLock ? (
        check(texts.stayOn, prefs.value.wake, (wake) => setPrefs({ wake }))
      ) : (
        <p>{texts.noWake}</p>
      )}
      {field(texts.longAfter, "long")}
      {field(texts.lateAfter, "late")}
      {field(texts.undoFor, "undo")}
      {check(texts.keys, prefs.value.keys, (keys) => setPrefs({ keys }))}
      <p>{texts.shared}</p>
      <div class="row">
        <Button onClick={session.signOut}>{texts.signOut}</Button>
      </div>
    </div>
  );
}
