import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const TOOL = new URL("../node_modules/.bin/openapi-typescript", import.meta.url).pathname;

/** Writes the types of the API that the server at `url` describes. */
export async function writeTypes(url, file) {
  const dir = await mkdtemp(join(tmpdir(), "decorum-types-"));
  try {
    const described = await fetch(`${url}/api/openapi.json`);
    await writeFile(join(dir, "openapi.json"), await described.text());
    const args = [join(dir, "openapi.json"), "--default-non-nullable=false", "-o", file];
    await promisify(execFile)(TOOL, args);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
