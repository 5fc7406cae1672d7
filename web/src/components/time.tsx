/** Times: relative to read, absolute on hover, and counted down by the server's clock. */
import { useSeconds } from "../lib/clock.ts";
import { absolute, countdown, moment, relative } from "../lib/format.ts";
import { text } from "../text.ts";
import { ui } from "./ui.tsx";

export function Ago({ at }: { at: string }) {
  const seconds = useSeconds();
  const then = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(then)}>
      {relative(then, seconds * 1000)}
    </time>
  );
}

/** The instant itself, for tables that are compared with other logs. */
export function Moment({ at }: { at: string }) {
  const then = Date.parse(at);
  return (
    <time dateTime={at} title={absolute(then)}>
      {moment(then)}
    </time>
  );
}

/** What is left until `until`, each second. It never goes below nothing. */
export function Countdown({ until }: { until: string }) {
  const seconds = useSeconds();
  const then = Date.parse(until);
  const left = Math.ceil(then / 1000 - seconds);
  return (
    <time dateTime={until} title={absolute(then)} className={ui.countdown}>
      {left <= 0 ? text.accounts.over : countdown(left)}
    </time>
  );
}
