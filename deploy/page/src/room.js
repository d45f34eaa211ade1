// Which conversation is opened.

const PATIENCE = 20_000; // milliseconds for a room to come down

export async function started(client) {
  const ready = new Promise((resolve) => {
    const listen = (state) => {
      if (state !== "PREPARED" && state !== "SYNCING") return;
      client.off("sync", listen);
      resolve();
    };
    client.on("sync", listen);
  });
  await client.startClient({ lazyLoadMembers: true, initialSyncLimit: 60 });
  await ready;
}

/** The room of the bureau, or the encrypted conversation with the bot. */
export async function entered(client, wanted, bot) {
  if (wanted) {
    if (client.getRoom(wanted)?.getMyMembership() !== "join") await client.joinRoom(wanted);
    return arrived(client, wanted);
  }
  const direct = client.getAccountData("m.direct")?.getContent() ?? {};
  const known = direct[bot] ?? [];
  const rooms = client.getRooms().filter((room) => suits(room, bot, known));
  const joined = rooms.filter((room) => room.getMyMembership() === "join");
  const found = joined.sort((one, other) => other.getLastActiveTimestamp() - one.getLastActiveTimestamp())[0];
  if (found) return found;
  const invited = rooms.find((room) => room.getMyMembership() === "invite");
  const id = invited ? (await client.joinRoom(invited.roomId)).roomId : await created(client, bot);
  await client.setAccountData("m.direct", { ...direct, [bot]: [id, ...known] });
  return arrived(client, id);
}

function suits(room, bot, known) {
  const member = room.getMember(bot);
  if (member && ["leave", "ban"].includes(member.membership)) return false;
  if (room.getMyMembership() === "invite") return room.getDMInviter() === bot;
  return room.hasEncryptionStateEvent() && (known.includes(room.roomId) || room.guessDMUserId() === bot);
}

async function created(client, bot) {
  const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
  const asked = { is_direct: true, invite: [bot], preset: "trusted_private_chat", initial_state: [encryption] };
  return (await client.createRoom(asked)).room_id;
}

function arrived(client, id) {
  const here = () => {
    const room = client.getRoom(id);
    return room?.getMyMembership() === "join" && room.hasEncryptionStateEvent() ? room : null;
  };
  return new Promise((resolve, reject) => {
    const look = () => {
      const room = here();
      if (!room) return;
      clearInterval(clock);
      clearTimeout(limit);
      resolve(room);
    };
    const clock = setInterval(look, 50);
    const limit = setTimeout(() => (clearInterval(clock), reject(new Error("the room did not come"))), PATIENCE);
    look();
  });
}
