// Asks a server of its own for the description of the API, and writes the types of it.
import { writeTypes } from "./types.mjs";
import { Server } from "./server.mjs";

const server = await (await Server.begin()).start();
try {
  await writeTypes(server.url, new URL("../src/api/schema.d.ts", import.meta.url).pathname);
} finally {
  await server.end();
}
