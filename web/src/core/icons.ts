// SVG paths for a view box of 24 × 24, after the Tabler icons (MIT). A page contains only those
// that it uses.

export const check = "M5 12l5 5L20 7";
export const cross = "M18 6 6 18M6 6l12 12";
export const cup =
  "M3 14c.8.6 2 1 3.5 1s2.7-.4 3.5-1M4 9h12v6a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5zM16 11h1a3 3 0 0 1 0 6h-1M8 3v3M12 3v3";
export const bell =
  "M10 5a2 2 0 1 1 4 0a7 7 0 0 1 4 6v3a4 4 0 0 0 2 3H4a4 4 0 0 0 2-3v-3a7 7 0 0 1 4-6M9 17v1a3 3 0 0 0 6 0v-1";
export const mute =
  "M3 3l18 18M17 17H4a4 4 0 0 0 2-3v-3a7 7 0 0 1 1-3.5M9 5.5A2 2 0 1 1 14 5a7 7 0 0 1 4 6v2M9 17v1a3 3 0 0 0 6 0v-1";
export const online = "M12 18h.01M9 15a4.2 4.2 0 0 1 6 0M6 12a8.5 8.5 0 0 1 12 0M3 9a13 13 0 0 1 18 0";
export const offline =
  "M12 18h.01M9 15a4 4 0 0 1 5-.5M6 12a8 8 0 0 1 3-2M18 12l.5.5M3 9a12 12 0 0 1 3-2M10 6a13 13 0 0 1 11 3M3 3l18 18";
