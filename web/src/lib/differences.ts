/** What differs between two JSON values, by the path of each leaf. */

export interface Difference {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (isObject(before) || isObject(after)) {
    const old = isObject(before) ? before : {};
    const now = isObject(after) ? after : {};
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return names.flatMap((name) =>
      differences(old[name], now[name], path === "" ? name : `${path}.${name}`),
    );
  }
  if (JSON.stringify(before ?? null) === JSON.stringify(after ?? null)) return [];
  return [{ name: path, from: shown(before), to: shown(after) }];
}
