/** The settings as they are typed, and the way there and back. The limits are those of the server. */
import type { Settings } from "../../api/queries.ts";
import { type Action, ACTIONS } from "../../lib/filters.ts";
import { text } from "../../text.ts";

const say = text.settings;

export type Rule = NonNullable<Settings["message_rules"]>[number];

/** Whole numbers with their limits; those that may be empty stand for "none". */
export const NUMBERS = {
  reengagement_days: [1, 3650],
  private_retry_days: [1, 3650],
  cooldown_after_consecutive: [1, 100],
  cooldown_minutes: [1, 10_080],
  ramp_hours: [0, 720],
  min_seconds_between_actions: [0, 86_400],
  cache_ttl_seconds: [0, 86_400],
  claim_lease_seconds: [5, 86_400],
  retention_days: [1, 36_500],
} as const;
export type NumberName = keyof typeof NUMBERS;

const MAY_BE_EMPTY: readonly NumberName[] = ["retention_days"];
/** The largest cap of each kind of budget. */
export const CAPS = { budgets: 100_000, fleet_budgets: 100_000_000 } as const;
export type CapsName = keyof typeof CAPS;
const CAPS_NAMES = Object.keys(CAPS) as CapsName[];
type Caps = Record<Action, { hour: string; day: string }>;
const STEP_MAX = 86_400;
const STEPS_MAX = 20;

export type Form = Record<NumberName, string> &
  Record<CapsName, Caps> & {
    rate_limit_steps: string;
    backoff_jitter: string;
    dedup_scope: "account" | "fleet";
    quiet: boolean;
    quietFrom: string;
    quietTo: string;
    time_zone: string;
    message_rules: Rule[];
  };

/** What is wrong, by the server's name of the field. */
export type Errors = Record<string, string>;

function typed(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

export function toForm(settings: Settings): Form {
  const numbers = Object.fromEntries(
    (Object.keys(NUMBERS) as NumberName[]).map((name) => [name, typed(settings[name])]),
  ) as Record<NumberName, string>;
  const caps = (name: CapsName) =>
    Object.fromEntries(
      ACTIONS.map((action) => {
        const cap = settings[name]?.[action];
        return [action, { hour: typed(cap?.hour), day: typed(cap?.day) }];
      }),
    ) as Caps;
  const quiet = settings.quiet_hours ?? null;
  return {
    ...numbers,
    rate_limit_steps: (settings.rate_limit_steps ?? []).join(", "),
    backoff_jitter: typed(settings.backoff_jitter),
    dedup_scope: settings.dedup_scope ?? "account",
    budgets: caps("budgets"),
    fleet_budgets: caps("fleet_budgets"),
    quiet: quiet !== null,
    quietFrom: quiet?.from ?? "22:00",
    quietTo: quiet?.to ?? "07:00",
    time_zone: quiet?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    message_rules: settings.message_rules ?? [],
  };
}

function whole(value: string, low: number, high: number): number | null {
  const trimmed = value.trim();
  if (!/^\d{1,9}$/.test(trimmed)) return null;
  const n = Number(trimmed);
  return n >= low && n <= high ? n : null;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** The steps, or `null` if what is typed is none. */
export function steps(value: string): number[] | null {
  const parts = value.split(",").map((part) => whole(part, 1, STEP_MAX));
  const good = parts.filter((part) => part !== null);
  return good.length === parts.length && good.length <= STEPS_MAX ? good : null;
}

/** The document, and what is wrong with it. It is only to be sent if nothing is. */
export function fromForm(form: Form, base: Settings): { settings: Settings; errors: Errors } {
  const errors: Errors = {};
  // What this page has no field for stays as it is.
  const settings: Settings = { ...base };
  for (const name of Object.keys(NUMBERS) as NumberName[]) {
    const [low, high] = NUMBERS[name];
    if (form[name].trim() === "" && MAY_BE_EMPTY.includes(name)) {
      settings.retention_days = null;
      continue;
    }
    const value = whole(form[name], low, high);
    if (value === null) errors[name] = say.between(low, high);
    else settings[name] = value;
  }
  const waits = steps(form.rate_limit_steps);
  if (waits === null) errors["rate_limit_steps"] = say.steps;
  else settings.rate_limit_steps = waits;
  const jitter = form.backoff_jitter.trim() === "" ? Number.NaN : Number(form.backoff_jitter);
  if (jitter >= 0 && jitter <= 0.9) settings.backoff_jitter = jitter;
  else errors["backoff_jitter"] = say.share;
  settings.dedup_scope = form.dedup_scope;
  for (const name of CAPS_NAMES) {
    const caps: NonNullable<Settings[CapsName]> = {};
    for (const action of ACTIONS) {
      const cap: { hour: number | null; day: number | null } = { hour: null, day: null };
      for (const per of ["hour", "day"] as const) {
        const given = form[name][action][per];
        if (given.trim() === "") continue;
        cap[per] = whole(given, 0, CAPS[name]);
        if (cap[per] === null) errors[`${name}.${action}.${per}`] = say.between(0, CAPS[name]);
      }
      caps[action] = cap;
    }
    settings[name] = caps;
  }
  settings.quiet_hours = null;
  if (form.quiet) {
    const time = /^([01]\d|2[0-3]):[0-5]\d$/;
    if (!time.test(form.quietFrom)) errors["quiet_hours.from"] = say.clockTime;
    if (!time.test(form.quietTo)) errors["quiet_hours.to"] = say.clockTime;
    else if (form.quietFrom === form.quietTo) errors["quiet_hours.to"] = say.sameTimes;
    if (!isZone(form.time_zone.trim())) errors["quiet_hours.time_zone"] = say.zone;
    settings.quiet_hours = {
      from: form.quietFrom,
      to: form.quietTo,
      time_zone: form.time_zone.trim(),
    };
  }
  settings.message_rules = form.message_rules;
  form.message_rules.forEach((rule, i) => {
    if (rule.phrase.trim() === "") errors[`message_rules[${i}]`] = say.needed;
  });
  return { settings, errors };
}

/** What I changed since `base`, put on top of what somebody else saved. */
export function rebase(mine: Settings, base: Settings, theirs: Settings): Settings {
  const result: Record<string, unknown> = { ...theirs };
  for (const [name, value] of Object.entries(mine)) {
    const before = (base as Record<string, unknown>)[name];
    if (JSON.stringify(value) !== JSON.stringify(before)) result[name] = value;
  }
  return result as Settings;
}
