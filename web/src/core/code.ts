// The code that people type.

/** Letters that base32 lacks are those that look like them; blanks and hyphens do not count. */
export function cleanCode(typed: string): string {
  const alike: Record<string, string> = { 0: "O", 1: "I", 8: "B" };
  return typed
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replace(/[018]/g, (sign) => alike[sign] ?? sign);
}

export const isShortCode = (code: string): boolean => /^[A-Z2-7]{6}$/.test(code);
