// Moves the focus, and announces texts to screen readers.

function region(id: string, role: "status" | "alert"): HTMLElement {
  const found = document.getElementById(id);
  if (found) return found;
  const made = document.createElement("div");
  made.id = id;
  made.setAttribute("role", role);
  made.className = "visually-hidden";
  document.body.append(made);
  return made;
}

function say(id: string, role: "status" | "alert", text: string): void {
  const target = region(id, role);
  // Screen readers repeat a text only if the region was empty in between.
  target.textContent = "";
  setTimeout(() => {
    target.textContent = text;
  }, 50);
}

export const announce = (text: string): void => say("announced", "status", text);
export const alertNow = (text: string): void => say("alerted", "alert", text);

/** Moves the focus in the next animation frame, when the element has been rendered. */
export function focusOn(id: string): void {
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
