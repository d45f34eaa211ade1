// A file in the conversation: its name, its size, and the file itself when pressed; images are shown.

import { make } from "./element.js";
import { fetchFile } from "./files.js";

const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const made = new Map(); // address on the homeserver → address of the opened bytes

/** A size as one says it. */
export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return `${bytes} octets`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "ko"] : [bytes / 1e6, "Mo"];
  return `${value.toLocaleString("fr-FR", { maximumFractionDigits: 1 })} ${unit}`;
}

export function chip(client, content) {
  const name = content.filename ?? content.body;
  const words = [make("span", "name", name), make("span", "size", size(content.info?.size))];
  const button = make("button", "file", ...words);
  button.type = "button";
  button.dataset.key = "file";
  button.title = "Télécharger";
  const box = make("div", "attached", button);
  if (content.body && content.body !== name) box.prepend(make("p", "caption", content.body));
  button.addEventListener("click", () => download(client, content, name, box));
  if (IMAGES.has(content.info?.mimetype)) show(client, content, name, box);
  return box;
}

async function opened(client, content) {
  const key = content.file?.url ?? content.url;
  if (!made.has(key)) {
    const type = IMAGES.has(content.info?.mimetype) ? content.info.mimetype : "application/octet-stream";
    made.set(key, fetchFile(client, content).then((bytes) => URL.createObjectURL(new Blob([bytes], { type }))));
    made.get(key).catch(() => made.delete(key)); // it may work the next time
  }
  return made.get(key);
}

async function download(client, content, name, box) {
  try {
    Object.assign(document.createElement("a"), { href: await opened(client, content), download: name }).click();
  } catch {
    failed(box);
  }
}

async function show(client, content, name, box) {
  try {
    const image = Object.assign(make("img", ""), { alt: name });
    image.src = await opened(client, content);
    box.prepend(image);
  } catch {
    failed(box);
  }
}

function failed(box) {
  box.querySelector(".warning")?.remove();
  box.append(make("p", "warning", "Ce fichier n’a pas pu être ouvert. Réessayez dans un instant."));
}
