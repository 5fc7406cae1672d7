/** How waits grow with each rate limit in a row, and the rest they end in. */
import { duration } from "../../lib/format.ts";
import { text } from "../../text.ts";
import css from "./page.module.css";

const WIDTH = 640;
const HEIGHT = 190;
const BASE = 150;
const TOP = 24;
const SHOWN = 12;

interface Bar {
  readonly seconds: number;
  readonly label: string;
  readonly rest: boolean;
}

export function BackoffPicture({
  steps,
  jitter,
  after,
  restSeconds,
}: {
  steps: readonly number[];
  jitter: number;
  after: number;
  restSeconds: number;
}) {
  const waits: Bar[] = [];
  for (let n = 1; n < Math.min(after, SHOWN); n += 1) {
    const seconds = steps[Math.min(n, steps.length) - 1] ?? 0;
    waits.push({ seconds, label: String(n), rest: false });
  }
  const bars = [...waits, { seconds: restSeconds, label: String(after), rest: true }];
  const most = Math.max(...bars.map(({ seconds, rest }) => seconds * (rest ? 1 : 1 + jitter)));
  // By the square root, so that a minute beside an hour can still be seen.
  const height = (seconds: number) => (BASE - TOP) * Math.sqrt(seconds / most);
  const slot = WIDTH / bars.length;
  const width = Math.min(64, slot * 0.6);
  return (
    <svg
      className={css.picture}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${text.settings.picture}: ${bars.map(({ seconds }) => duration(seconds)).join(", ")}`}
    >
      <line x1={0} x2={WIDTH} y1={BASE} y2={BASE} stroke="var(--line-strong)" />
      {bars.map(({ seconds, label, rest }, i) => {
        const x = slot * (i + 0.5);
        const h = height(seconds);
        const low = height(seconds * (1 - jitter));
        const high = height(seconds * (1 + jitter));
        return (
          <g key={label}>
            <rect
              x={x - width / 2}
              y={BASE - h}
              width={width}
              height={h}
              rx={5}
              fill={rest ? "var(--chart-failed)" : "var(--chart-retry)"}
            />
            {!rest && jitter > 0 && (
              <line
                x1={x}
                x2={x}
                y1={BASE - low}
                y2={BASE - high}
                stroke="var(--text)"
                strokeWidth={1.5}
              />
            )}
            <text
              x={x}
              y={BASE - (rest ? h : high) - 7}
              textAnchor="middle"
              fontSize={13}
              fill="var(--text)"
            >
              {duration(seconds)}
            </text>
            <text x={x} y={BASE + 20} textAnchor="middle" fontSize={13} fill="var(--text-soft)">
              {rest ? text.settings.restAt(label) : text.settings.nth(label)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
