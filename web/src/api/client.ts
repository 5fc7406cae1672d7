/** How the pages ask the server: typed by the OpenAPI document, and honest about being cut off. */
import createClient from "openapi-fetch";

import { connection } from "../lib/connection.ts";
import { text } from "../text.ts";
import type { components, paths } from "./schema.d.ts";

export type Schema = components["schemas"];

/** An answer that is an error, as the server put it (RFC 9457). */
export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null,
    readonly kind: string,
  ) {
    super(detail);
  }
}

/** No answer at all. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

let csrf: string | null = null;
let loggedOut: () => void = () => undefined;

/** What a browser that logged in sends along with every change. */
export function proveWith(token: string | null): void {
  csrf = token;
}

/** Who is told when the server no longer knows us. */
export function onLoggedOut(tell: () => void): void {
  loggedOut = tell;
}

async function tracked(request: Request): Promise<Response> {
  if (csrf !== null && request.method !== "GET") {
    request.headers.set("X-CSRF-Token", csrf);
  }
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) {
      throw error;
    }
    connection.lost();
    throw new Unreachable(text.offline.short);
  }
  connection.found();
  if (response.status === 401 && !request.url.endsWith("/api/login")) {
    loggedOut();
  }
  return response;
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: tracked });

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or a thrown {@link Problem}. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) {
    throw problemOf(error, response);
  }
  return data as T;
}

function problemOf(error: unknown, response: Response): Problem {
  const said = (typeof error === "object" && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const word = (name: string): string | null => {
    const value = said[name];
    return typeof value === "string" ? value : null;
  };
  const title = word("title") ?? text.errors.untitled;
  return new Problem(
    response.status,
    title,
    word("detail") ?? `${title} (${response.status})`,
    word("field"),
    word("type") ?? "",
  );
}
