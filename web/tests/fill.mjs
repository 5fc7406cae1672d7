// Puts a history on record through the HTTP API: claims and their outcomes, as a sidecar would.

/** Small and the same every time: tests and pictures must not depend on luck. */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const FIRST =
  "ines lena tomas marta noor jonas aiko paulo greta sami elif hugo vera otto mina luca".split(" ");
const LAST =
  "keramik atelier studio foto garten wood.work kaffee papier textil berge mar lumen".split(" ");

export async function ask(url, method, path, body, headers = {}) {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === "" ? null : JSON.parse(text);
  return { status: response.status, answer, headers: response.headers };
}

/** Changes some settings, whatever their version. */
export async function set(url, changes) {
  const now = await ask(url, "GET", "/api/settings");
  const saved = await ask(
    url,
    "PUT",
    "/api/settings",
    { ...now.answer, ...changes },
    { "If-Match": now.headers.get("etag") },
  );
  if (saved.status !== 200) throw new Error(`settings: ${JSON.stringify(saved.answer)}`);
  return saved;
}

const UNBOUND = { hour: null, day: null };
export const UNBOUND_BUDGETS = { follow: UNBOUND, like: UNBOUND, comment: UNBOUND, view: UNBOUND };

/** Who, in a way that repeats now and then, so that some are refused. */
export function people(n, seed = 7) {
  const random = seeded(seed);
  const pick = (of) => of[Math.floor(random() * of.length)];
  return Array.from(
    { length: n },
    (_, i) => `${pick(FIRST)}.${pick(LAST)}${i % 11 === 0 ? "" : `_${i}`}`,
  );
}

/** Engages each of them; `say` decides what the app answers. Returns how many were refused. */
export async function engage(
  url,
  { accounts, targets, actions = ["follow", "like"], seed = 11, task = null, device = "iphone-1" },
) {
  const random = seeded(seed);
  let refused = 0;
  for (const [i, target_username] of targets.entries()) {
    const account_id = accounts[i % accounts.length];
    const action = actions[Math.floor(random() * actions.length)];
    const claim = await ask(url, "POST", "/api/claims", {
      account_id,
      target_username,
      action,
      device_id: `${device}-${accounts.indexOf(account_id) + 1}`,
      ...(task === null ? {} : { task_id: task }),
      metadata: { list: "spring" },
    });
    if (claim.status !== 201) {
      refused += 1;
      continue;
    }
    const dice = random();
    const outcome =
      dice < 0.82
        ? { status: "success" }
        : dice < 0.9
          ? {
              status: "skipped",
              reason: action === "follow" ? "already_following" : "private_account",
            }
          : dice < 0.96
            ? {
                status: "failed",
                text: "Couldn't refresh feed. No internet connection",
                where: "toast",
                locale: "en",
              }
            : { status: "retry", reason: "released" };
    const path = `/api/claims/${claim.answer.claim_id}/outcome`;
    const settled = await ask(url, "POST", path, {
      ...outcome,
      latency_ms: 2200 + Math.floor(random() * 4200),
    });
    if (settled.status !== 200) throw new Error(`${path}: ${JSON.stringify(settled.answer)}`);
  }
  return refused;
}

/** Has the app say something to an account, and reports it. */
export async function say(url, account_id, target_username, text, where = "dialog") {
  const claim = await ask(url, "POST", "/api/claims", {
    account_id,
    target_username,
    action: "follow",
  });
  if (claim.status !== 201) throw new Error(JSON.stringify(claim.answer));
  const path = `/api/claims/${claim.answer.claim_id}/outcome`;
  return ask(url, "POST", path, { text, where, locale: "en", latency_ms: 3100 });
}
