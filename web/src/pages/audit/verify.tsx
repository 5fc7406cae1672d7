/** Follows the chains, one account after the other, so that one sees how far it is. */
import { Button, Progress } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import type { Schema } from "../../api/client.ts";
import { useAccounts, verify } from "../../api/queries.ts";
import { Card, Failed, Notice, ui } from "../../components/ui.tsx";
import { number } from "../../lib/format.ts";
import { text } from "../../text.ts";

const say = text.audit;
/** With more accounts, one request follows all of them: each also looks at the whole store. */
const ONE_BY_ONE = 60;

type Chain = Schema["Chain"];

interface Found {
  readonly chains: Chain[];
  readonly findings: string[];
  readonly done: number;
  readonly all: number;
  readonly ended: "not yet" | "whole" | "stopped";
  readonly error: unknown;
}

function useVerify(names: string[]) {
  const [found, setFound] = useState<Found | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const begin = async () => {
    const control = new AbortController();
    stop.current = control;
    const parts: (string | null)[] = names.length <= ONE_BY_ONE ? names : [null];
    let now: Found = {
      chains: [],
      findings: [],
      done: 0,
      all: names.length,
      ended: "not yet",
      error: null,
    };
    setFound(now);
    try {
      for (const name of parts) {
        const verdict = await verify(name, control.signal);
        now = {
          ...now,
          chains: [...now.chains, ...verdict.accounts],
          findings: [...new Set([...now.findings, ...verdict.findings])],
          done: name === null ? names.length : now.done + 1,
        };
        setFound(now);
      }
      setFound({ ...now, ended: "whole" });
    } catch (error) {
      setFound(
        control.signal.aborted ? { ...now, ended: "stopped" } : { ...now, ended: "stopped", error },
      );
    }
  };
  return { found, begin, stop: () => stop.current?.abort() };
}

export function Verify() {
  const accounts = useAccounts();
  const names = (accounts.data ?? []).map(({ account_id }) => account_id);
  const { found, begin, stop } = useVerify(names);
  const running = found?.ended === "not yet";
  const events = found?.chains.reduce((sum, chain) => sum + chain.events, 0) ?? 0;
  return (
    <Card
      title={say.verifyTitle}
      note={say.verifyBody}
      aside={
        running ? (
          <Button variant="default" onClick={stop}>
            {say.stop}
          </Button>
        ) : (
          <Button onClick={() => void begin()} disabled={names.length === 0}>
            {say.verify}
          </Button>
        )
      }
    >
      {names.length === 0 && accounts.data !== undefined && (
        <p className={ui.soft}>{say.nothing}</p>
      )}
      {found !== null && running && (
        <div role="status">
          <Progress
            value={found.all === 0 ? 0 : (found.done / found.all) * 100}
            aria-label={say.verifyTitle}
          />
          <p className={ui.soft}>{say.verifying(found.done, found.all)}</p>
        </div>
      )}
      {found?.error != null && <Failed error={found.error} />}
      {found !== null && found.findings.length > 0 && (
        <Notice tone="bad" title={say.broken} live>
          {found.findings.map((finding) => (
            <p key={finding}>{finding}</p>
          ))}
        </Notice>
      )}
      {found?.ended === "whole" && found.findings.length === 0 && (
        <Notice tone="good" title={say.intact} live>
          <p>{say.intactBody(events, found.chains.length)}</p>
        </Notice>
      )}
      {found?.ended === "stopped" && found.error === null && found.findings.length === 0 && (
        <Notice tone="mute" title={say.interrupted} live />
      )}
      {found !== null && found.chains.length > 0 && (
        <>
          <div className={ui.tableScroll} tabIndex={0} role="region" aria-label={say.verifyTitle}>
            <table className={ui.table}>
              <thead>
                <tr>
                  <th scope="col">{say.account}</th>
                  <th scope="col" className={ui.num}>
                    {say.events}
                  </th>
                  <th scope="col" className={ui.num}>
                    {say.cleaned}
                  </th>
                  <th scope="col" className={ui.num}>
                    {say.erased}
                  </th>
                  <th scope="col">{say.head}</th>
                </tr>
              </thead>
              <tbody>
                {found.chains.map((chain) => (
                  <tr key={chain.account_id}>
                    <td>{chain.account_id}</td>
                    <td className={ui.num}>{number(chain.events)}</td>
                    <td className={ui.num}>{number(chain.cleaned)}</td>
                    <td className={ui.num}>{number(chain.erased)}</td>
                    <td className={ui.mono}>{chain.hash}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className={ui.soft}>{say.headHint}</p>
        </>
      )}
    </Card>
  );
}
