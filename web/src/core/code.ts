// The short code, as people type it.

/**
 * Returns the typed code in upper case and without blanks and hyphens. 0, 1 and 8, which no code
 * has, become O, I and B.
 */
export function cleanCode(typed: string): string {
  const alike: Record<string, string> = { 0: "O", 1: "I", 8: "B" };
  return typed
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replace(/[018]/g, (sign) => alike[sign] ?? sign);
}

export const isShortCode = (code: string): boolean => /^[A-Z2-7]{6}$/.test(code);
