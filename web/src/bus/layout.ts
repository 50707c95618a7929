// Positions of the boxes and lines of the diagram, in units of its view box.

export const WIDTH = 1280;
/** Left edges and widths of the columns. */
export const COLUMNS = { producer: [8, 250], bus: [372, 64], rule: [560, 330], target: [962, 310] } as const;
export const HEIGHT = 400;
const ROW = 62;
const GAP = 10;

export type Box = { x: number; y: number; width: number; height: number };
export type Column = keyof typeof COLUMNS;

/** Boxes of a column from top to bottom, centred, and smaller if there are many. */
export function boxes(column: Column, count: number): Box[] {
  const [x, width] = COLUMNS[column];
  const row = Math.min(ROW, (HEIGHT - GAP) / Math.max(1, count));
  const top = (HEIGHT - row * count) / 2;
  const height = row - Math.min(GAP, row / 5);
  return Array.from({ length: count }, (_, index) => ({ x, y: top + row * index, width, height }));
}

export const busBox = (): Box => {
  const [x, width] = COLUMNS.bus;
  return { x, y: 0, width, height: HEIGHT };
};

const middle = ({ y, height }: Box): number => y + height / 2;

/** A line from the right edge of a box to the left edge of another at y = `at`. */
export function line(from: Box, to: Box, at = middle(to)): string {
  const [x1, y1, x2] = [from.x + from.width, middle(from), to.x];
  const bend = (x1 + x2) / 2;
  return `M${x1} ${y1}C${bend} ${y1} ${bend} ${at} ${x2} ${at}`;
}

/** A horizontal line from the bus to the middle of a box. */
export function lineFromBus(to: Box): string {
  const { x, width } = busBox();
  return `M${x + width} ${middle(to)}H${to.x}`;
}

/** Font size at which a text fits into a box, but at least 9 and at most 24. */
export const letters = ({ width, height }: Box, text: string): number =>
  Math.max(9, Math.min(24, height * 0.55, (width - 20) / (text.length * 0.58)));
