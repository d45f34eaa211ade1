// Where one writes: Enter sends, Shift+Enter makes a line; files by button or dropped anywhere.

import { sendFile } from "./files.js";
import { size } from "./chip.js";
import { make } from "./element.js";

export class Composer {
  constructor(form, client, room, log) {
    Object.assign(this, { form, client, room, log, queue: Promise.resolve() });
    this.area = form.querySelector("textarea");
    this.picker = form.querySelector("input[type=file]");
    this.uploads = document.getElementById("uploads");
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.area.addEventListener("input", () => this.#typed());
    form.addEventListener("submit", (event) => this.#submit(event));
    form.querySelector("#attach").addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => this.#picked());
    this.#droppable(document.getElementById("chat"));
  }

  ready() {
    for (const field of this.form.elements) field.disabled = false;
    this.area.focus();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit();
  }

  #typed() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight + 2, 200)}px`;
    const now = Date.now();
    if (now - (this.told ?? 0) < 3000) return;
    this.told = now;
    this.client.sendTyping(this.room(), true, 5000).catch(() => {}); // a courtesy: nothing is lost without it
  }

  #submit(event) {
    event.preventDefault();
    const body = this.area.value.trim();
    if (body) {
      this.client.sendMessage(this.room(), { msgtype: "m.text", body }).catch(() => {}); // the message says « Non envoyé »
      this.area.value = "";
      this.area.style.height = "auto";
    }
    this.area.focus();
  }

  #picked() {
    this.#send([...this.picker.files]);
    this.picker.value = "";
    this.area.focus();
  }

  #droppable(place) {
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      place.classList.add("dropping");
    });
    place.addEventListener("dragleave", (event) => {
      if (!place.contains(event.relatedTarget)) place.classList.remove("dropping");
    });
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("dropping");
      this.#send([...event.dataTransfer.files]);
      this.area.focus();
    });
  }

  #send(files) {
    const room = this.room();
    for (const file of files) {
      const line = this.#line(file, room);
      this.queue = this.queue.then(() => this.#upload(file, room, line));
    }
  }

  #line(file) {
    const progress = make("progress", "");
    Object.assign(progress, { max: 100, value: 0, ariaLabel: `Envoi de ${file.name}` });
    const line = make("li", "", make("span", "name", `${file.name} (${size(file.size)})`), progress);
    this.uploads.append(line);
    return line;
  }

  async #upload(file, room, line) {
    const progress = line.querySelector("progress");
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const given = { name: file.name, type: file.type || "application/octet-stream", bytes };
      await sendFile(this.client, room, given, ({ loaded, total }) => {
        progress.value = (100 * loaded) / Math.max(total, 1);
      });
      line.remove();
    } catch (error) {
      this.#failed(file, room, line, error);
    }
  }

  #failed(file, room, line, error) {
    const large = error.errcode === "M_TOO_LARGE" || error.httpStatus === 413;
    const retry = make("button", "retry", large ? "Fermer" : "Réessayer");
    retry.type = "button";
    retry.addEventListener("click", () => {
      line.remove();
      if (!large) this.#send([file]);
    });
    const words = large ? "non envoyé : ce fichier est trop lourd pour le serveur. " : "non envoyé. ";
    line.replaceChildren(make("span", "warning", `${file.name} : ${words}`), retry);
  }
}
