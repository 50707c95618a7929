// The shop's own colours.
import type { Shop } from "./types.ts";

/** Relative luminance of `#rrggbb`, as WCAG 2.2 defines it. */
export function luminance(colour: string): number {
  const part = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

/** Black or white, whichever has the higher contrast with a colour: at least 4.58. */
export const inkOn = (colour: string): "#000" | "#fff" => (luminance(colour) > 0.179 ? "#000" : "#fff");

/** Sets the shop's colours on the page. For a colour that the shop lacks, the page has its own. */
export function paint({ colours = {} }: Partial<Pick<Shop, "colours">>): void {
  const { style } = document.documentElement;
  const set = (name: string, value: string | undefined) =>
    value ? style.setProperty(name, value) : style.removeProperty(name);
  const { primary, accent } = colours;
  set("--brand", primary);
  set("--on-brand", primary && inkOn(primary));
  set("--accent", accent);
  set("--on-accent", accent && inkOn(accent));
}
