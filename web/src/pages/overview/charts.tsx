/** Attempts over time, by status and by action. Fetched only when there is something to draw. */
import type { Metrics } from "../../api/queries.ts";
import { Chart } from "../../components/chart.tsx";
import { Card, ui } from "../../components/ui.tsx";
import { serverNow } from "../../lib/clock.ts";
import { ACTIONS, STATUSES } from "../../lib/filters.ts";
import { text } from "../../text.ts";
import { type Range, RANGES } from "./page.tsx";

/** The series with a point for every step, those in which nothing happened included. */
function filled(
  metrics: Metrics,
  range: Range,
  by: "by_status" | "by_action",
  names: readonly string[],
) {
  const { ms, step } = RANGES[range];
  const width = step === "hour" ? 3_600_000 : 86_400_000;
  const last = Math.floor(serverNow() / width) * width;
  const first = Math.floor((serverNow() - ms) / width) * width;
  const known = new Map(
    metrics.series.map((point) => [Date.parse(point.start), point[by]] as const),
  );
  const times: number[] = [];
  const values: number[][] = names.map(() => []);
  for (let at = first; at <= last; at += width) {
    times.push(at / 1000);
    names.forEach((name, i) => values[i]?.push(known.get(at)?.[name] ?? 0));
  }
  return { times, values, width: width / 1000 };
}

export default function Charts({ metrics, range }: { metrics: Metrics; range: Range }) {
  const { overview } = text;
  const parts = [
    { by: "by_status", title: overview.byStatus, names: STATUSES },
    { by: "by_action", title: overview.byAction, names: ACTIONS },
  ] as const;
  return parts.map(({ by, title, names }) => {
    const { times, values, width } = filled(metrics, range, by, names);
    return (
      <Card key={by} title={title}>
        {metrics.events === 0 ? (
          <p className={ui.soft}>{overview.noEvents}</p>
        ) : (
          <Chart
            label={overview.chartLabel(title, text.ranges[range] ?? range)}
            times={times}
            width={width}
            series={names.map((name, i) => ({
              name: text.statuses[name] ?? name,
              colour: `--chart-${name}`,
              values: values[i] ?? [],
              total: metrics[by][name] ?? 0,
            }))}
          />
        )}
      </Card>
    );
  });
}
