/** Stacked bars over time. The numbers behind it are in the legend, for those who cannot see it. */
import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";

import { number } from "../lib/format.ts";
import css from "./chart.module.css";

export interface Series {
  readonly name: string;
  /** A custom property of `tokens.css`. */
  readonly colour: string;
  readonly values: readonly number[];
  readonly total: number;
}

const HEIGHT = 200;

/** Each series with those below it added, the highest first, so that lower ones are drawn over it. */
function stacked(series: readonly Series[], length: number): number[][] {
  const sums: number[][] = [];
  const below = new Array<number>(length).fill(0);
  for (const { values } of series) {
    for (let i = 0; i < length; i += 1) below[i] = (below[i] ?? 0) + (values[i] ?? 0);
    sums.unshift([...below]);
  }
  return sums;
}

const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayOfMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The day at midnight, the time of day otherwise. */
function tickLabel(seconds: number): string {
  const at = new Date(seconds * 1000);
  const midnight = at.getHours() === 0 && at.getMinutes() === 0;
  return (midnight ? dayOfMonth : clockTime).format(at);
}

export function Chart({
  label,
  times,
  width,
  series,
}: {
  label: string;
  /** Where each bar begins, in seconds. */
  times: readonly number[];
  /** How long each bar lasts, in seconds. */
  width: number;
  series: readonly Series[];
}) {
  const place = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const style = getComputedStyle(document.documentElement);
    const colour = (token: string) => style.getPropertyValue(token).trim();
    const axis = {
      stroke: colour("--text-soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    const bars = uPlot.paths.bars?.({ size: [0.72, 28], align: 1, radius: 0.15 });
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 4, 0, 0],
        scales: {
          x: { range: (_, min, max) => [min, max + width] },
          y: { range: (_, __, max) => [0, Math.max(4, Math.ceil(max * 1.08))] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 28,
            space: 72,
            values: (_, ticks) => ticks.map((tick) => tickLabel(tick)),
          },
          {
            ...axis,
            size: 44,
            space: 44,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6],
            values: (_, ticks) => ticks.map((tick) => number(tick)),
          },
        ],
        series: [
          {},
          ...series.toReversed().map(({ name, colour: token }) => ({
            label: name,
            fill: colour(token),
            width: 0,
            points: { show: false },
            ...(bars ? { paths: bars } : {}),
          })),
        ],
      },
      [[...times], ...stacked(series, times.length)],
      element,
    );
    const resized = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [times, width, series, scheme]);
  return (
    <figure style={{ margin: 0 }} aria-label={label}>
      <ul className={css.legend}>
        {series.map(({ name, colour, total }) => (
          <li key={name}>
            <span className={css.swatch} style={{ background: `var(${colour})` }} aria-hidden />
            {name} <b>{number(total)}</b>
          </li>
        ))}
      </ul>
      <div ref={place} className={css.plot} aria-hidden />
    </figure>
  );
}
