// Reads a QR code from the pixels of a screenshot.
import type { Locator, Page } from "playwright-core";
import decodeQR from "qr/decode.js";

type Pixels = { width: number; height: number; data: number[] };

/** The text of the QR code that an element shows. `side`: width in px at which it is read. */
export async function scanned(element: Locator, side = 400): Promise<string> {
  const png = (await element.screenshot()).toString("base64");
  const context = element.page().context();
  const darkroom = await context.newPage();
  try {
    const { width, height, data } = await pixels(darkroom, png, side);
    return decodeQR({ width, height, data: new Uint8ClampedArray(data) });
  } finally {
    await darkroom.close();
  }
}

async function pixels(page: Page, png: string, side: number): Promise<Pixels> {
  return page.evaluate(
    async ([text, wanted]) => {
      const image = new Image();
      image.src = `data:image/png;base64,${text}`;
      await image.decode();
      const width = wanted;
      const height = Math.round((image.height / image.width) * width);
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.drawImage(image, 0, 0, width, height);
      return { width, height, data: [...context.getImageData(0, 0, width, height).data] };
    },
    [png, side] as const,
  );
}
