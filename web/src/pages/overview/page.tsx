/** Whether all is well, at one look; then what happened, and who has to do something. */
import { Button, SegmentedControl } from "@mantine/core";
import { IconCircleCheck, IconClockPause, IconHandStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense } from "react";
import { Link, useSearchParams } from "react-router";

import { type AccountState, useAccounts, useMetrics } from "../../api/queries.ts";
import { Countdown } from "../../components/time.tsx";
import { Answer, Card, Loading, StateTag, ui } from "../../components/ui.tsx";
import { serverNow } from "../../lib/clock.ts";
import { milliseconds, number, percent, words } from "../../lib/format.ts";
import { useStreamThrottled } from "../../lib/stream.ts";
import { text } from "../../text.ts";
import { Feed } from "./feed.tsx";
import css from "./page.module.css";
import { AlertList, useNeeds } from "./needs.tsx";

const Charts = lazy(() => import("./charts.tsx"));

const HOUR = 3_600_000;
export const RANGES = {
  "24h": { ms: 24 * HOUR, step: "hour" },
  "7d": { ms: 7 * 24 * HOUR, step: "hour" },
  "30d": { ms: 30 * 24 * HOUR, step: "day" },
  "90d": { ms: 90 * 24 * HOUR, step: "day" },
} as const;
export type Range = keyof typeof RANGES;

function useRange(): [Range, (range: string) => void] {
  const [params, setParams] = useSearchParams();
  const given = params.get("range") ?? "24h";
  const range = given in RANGES ? (given as Range) : "24h";
  return [range, (next) => setParams(next === "24h" ? {} : { range: next }, { replace: true })];
}

const LIMITS = ["rate_limited", "action_blocked"];

function Tile({ name, value, hint }: { name: string; value: ReactNode; hint: string }) {
  return (
    <div className={css.tile} title={hint}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Tiles({ range }: { range: Range }) {
  const { ms, step } = RANGES[range];
  const metrics = useMetrics([range], () => ({
    from: new Date(serverNow() - ms).toISOString(),
    step,
  }));
  const { overview } = text;
  return (
    <Answer of={metrics}>
      {(m) => {
        const limits = LIMITS.reduce((sum, name) => sum + (m.by_error_class[name] ?? 0), 0);
        const p95 = m.latency.p95_ms;
        const hint =
          p95 === null ? overview.latencyNone : overview.latencyHint(milliseconds(p95 ?? 0));
        return (
          <>
            <dl className={css.tiles}>
              <Tile
                name={overview.success}
                value={m.success_rate === null ? "–" : percent(m.success_rate ?? 0)}
                hint={overview.successHint}
              />
              <Tile
                name={overview.engaged}
                value={number(m.by_status["success"] ?? 0)}
                hint={text.statusMeaning["success"] ?? ""}
              />
              <Tile
                name={overview.refused}
                value={number(m.dedupe_hits)}
                hint={overview.refusedHint}
              />
              <Tile name={overview.events} value={number(m.events)} hint={overview.eventsHint} />
              <Tile name={overview.limits} value={number(limits)} hint={overview.limitsHint} />
              <Tile
                name={overview.latency}
                value={m.latency.p50_ms === null ? "–" : milliseconds(m.latency.p50_ms ?? 0)}
                hint={hint}
              />
              <Tile
                name={overview.cache}
                value={m.cache.hit_rate == null ? "–" : percent(m.cache.hit_rate)}
                hint={overview.cacheHint(number(m.cache.hits), number(m.cache.asked))}
              />
            </dl>
            <div className={css.columns}>
              <div className={css.stack}>
                <Suspense fallback={<Loading />}>
                  <Charts metrics={m} range={range} />
                </Suspense>
              </div>
              <Feed />
            </div>
          </>
        );
      }}
    </Answer>
  );
}

function Verdict({ accounts }: { accounts: AccountState[] }) {
  const { overview } = text;
  const needs = useNeeds(accounts);
  const resting = accounts.filter(({ until }) => until != null);
  const active = accounts.length - resting.length - needs.halted.length;
  const [tone, Icon, title, body] =
    needs.count > 0
      ? (["bad", IconHandStop, overview.needs(needs.count), needs.summary] as const)
      : resting.length > 0
        ? ([
            "warn",
            IconClockPause,
            overview.resting(resting.length),
            overview.restingBody,
          ] as const)
        : accounts.length > 0
          ? (["good", IconCircleCheck, overview.well, overview.wellBody(active)] as const)
          : (["mute", IconCircleCheck, overview.quiet, overview.quietBody] as const);
  return (
    <>
      <div className={`${css.verdict} ${ui[tone]}`} role="status">
        <Icon size={38} stroke={1.6} aria-hidden />
        <div>
          <h1>{title}</h1>
          <p>{body}</p>
        </div>
      </div>
      {needs.count > 0 && (
        <div style={{ marginBottom: "var(--gap)" }}>
          <Card title={overview.needsTitle}>
            <AlertList needs={needs} />
          </Card>
        </div>
      )}
      {resting.length > 0 && (
        <div style={{ marginBottom: "var(--gap)" }}>
          <Card title={overview.restsTitle}>
            <ul className={css.need}>
              {resting.slice(0, 8).map((account) => (
                <li key={account.account_id}>
                  <div>
                    <Link to={`/accounts/${encodeURIComponent(account.account_id)}`}>
                      {account.account_id}
                    </Link>{" "}
                    <StateTag state={account.state} />
                    <div className={ui.soft}>{account.reason && words(account.reason)}</div>
                  </div>
                  {account.until != null && <Countdown until={account.until} />}
                </li>
              ))}
            </ul>
            {resting.length > 8 && (
              <Button component={Link} to="/accounts" variant="subtle" size="xs" mt="xs">
                {text.accounts.back}
              </Button>
            )}
          </Card>
        </div>
      )}
    </>
  );
}

export function Overview() {
  const accounts = useAccounts();
  const [range, setRange] = useRange();
  const client = useQueryClient();
  useStreamThrottled(() => {
    void client.invalidateQueries({ queryKey: ["metrics"] });
    void client.invalidateQueries({ queryKey: ["accounts"] });
  }, 2000);
  return (
    <>
      <Answer of={accounts}>{(items) => <Verdict accounts={items} />}</Answer>
      <div className={css.bar}>
        <SegmentedControl
          aria-label={text.overview.range}
          value={range}
          onChange={setRange}
          data={Object.entries(text.ranges).map(([value, label]) => ({ value, label }))}
        />
      </div>
      <Tiles range={range} />
    </>
  );
}
