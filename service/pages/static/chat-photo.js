// A photo, made small before it is sent: the longer side at most 1,600 pixels, as JPEG, and without
// what a camera writes into its files (the place it was taken at, above all).

import { make } from "./chat-tools.js";

const SIDE = 1600;

// As a data: address, which the outbox can keep. Throws for what is no picture.
export async function shrink(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
  const canvas = make("canvas", "");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // behind what is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.85);
}

export function bytesOf(address) {
  return Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
}
