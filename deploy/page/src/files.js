// Encrypted files of Matrix (EncryptedFile, v2): AES-256 in counter mode, the hash of the sealed bytes.
// Runs in the browser and in Node, by Web Crypto.

const toBase64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")).replace(/=+$/, "");
const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const sha256 = async (bytes) => toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

/** Seal bytes; returns them with what the receiver needs, all but the address. */
export async function seal(bytes) {
  const iv = new Uint8Array(16);
  crypto.getRandomValues(iv.subarray(0, 8)); // the other half counts the blocks
  const key = await crypto.subtle.generateKey({ name: "AES-CTR", length: 256 }, true, ["encrypt", "decrypt"]);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-CTR", counter: iv, length: 64 }, key, bytes));
  const { k } = await crypto.subtle.exportKey("jwk", key);
  const jwk = { alg: "A256CTR", ext: true, k, key_ops: ["encrypt", "decrypt"], kty: "oct" };
  return { sealed, file: { v: "v2", key: jwk, iv: toBase64(iv), hashes: { sha256: await sha256(sealed) } } };
}

/** Open sealed bytes; refuses those that were changed on the way. */
export async function open(sealed, file) {
  if ((await sha256(sealed)) !== file.hashes.sha256.replace(/=+$/, "")) throw new Error("fichier altéré");
  const key = await crypto.subtle.importKey("jwk", file.key, "AES-CTR", false, ["decrypt"]);
  const counter = fromBase64(file.iv);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CTR", counter, length: 64 }, key, sealed));
}

/** Encrypt, upload and say a file in a room. */
export async function sendFile(client, room, { name, type, bytes }, progressHandler) {
  const { sealed, file } = await seal(bytes);
  const blob = new Blob([sealed]);
  const options = { type: "application/octet-stream", includeFilename: false, progressHandler };
  const { content_uri: url } = await client.uploadContent(blob, options);
  const content = {
    msgtype: type.startsWith("image/") ? "m.image" : "m.file",
    body: name,
    filename: name,
    info: { mimetype: type, size: bytes.length },
    file: { ...file, url },
  };
  return client.sendMessage(room, content);
}

/** The clear bytes of a file that was said. */
export async function fetchFile(client, content) {
  const [server, id] = (content.file?.url ?? content.url).replace("mxc://", "").split("/");
  const address = `${client.baseUrl}/_matrix/client/v1/media/download/${server}/${id}`;
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${client.getAccessToken()}` } });
  if (!answer.ok) throw new Error(`téléchargement refusé (${answer.status})`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return content.file ? open(bytes, content.file) : bytes;
}
