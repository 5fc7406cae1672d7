/** Numbers and times as a person reads them. */

const THIN = "\u202f";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** `12 345` with thin spaces that never break. */
export function number(value: number): string {
  return whole.format(value).replaceAll(",", THIN);
}

/** `98.4 %` */
export function percent(share: number): string {
  const value = share * 100;
  const digits = value === 100 || value === 0 ? 0 : 1;
  return `${value.toFixed(digits)}${THIN}%`;
}

/** `840 ms`, `3.2 s`, `2 min` */
export function milliseconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}${THIN}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)}${THIN}s`;
  return duration(Math.round(ms / 1000));
}

/** `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`: the two largest units that are not zero. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(s / 86_400), "d"],
    [Math.floor(s / 3600) % 24, "h"],
    [Math.floor(s / 60) % 60, "min"],
    [s % 60, "s"],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  if (first === -1) return `0${THIN}s`;
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${THIN}${unit}`)
    .join(" ");
}

/** `2:05`, `1:02:05`: a clock that runs down. */
export function countdown(seconds: number): string {
  const s = Math.max(0, seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const m = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** `5 min ago`, `in 2 h` */
export function relative(then: number, now: number): string {
  const seconds = Math.round((then - now) / 1000);
  const far = Math.abs(seconds);
  if (far < 5) return "now";
  const amount =
    far < 60
      ? `${far}${THIN}s`
      : far < 3600
        ? `${Math.round(far / 60)}${THIN}min`
        : far < 86_400
          ? `${Math.round(far / 3600)}${THIN}h`
          : `${Math.round(far / 86_400)}${THIN}d`;
  return seconds < 0 ? `${amount} ago` : `in ${amount}`;
}

const full = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "long",
});

/** The whole instant in the reader's time zone, which it names. */
export function absolute(then: number): string {
  return full.format(then);
}

const short = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `27 Nov, 16:05:12` */
export function moment(then: number): string {
  return short.format(then);
}

/** A word of the API as a person writes it: `rate_limited` becomes `rate limited`. */
export function words(word: string): string {
  return word.replaceAll("_", " ");
}

/** `1 account`, `2 accounts` */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}
