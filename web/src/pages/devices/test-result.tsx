/** Which rung of the way to a phone holds, and what to do about the first that does not. */
import type { DeviceTest } from "../../api/work.ts";
import { Notice, Tag, ui } from "../../components/ui.tsx";
import { text } from "../../text.ts";
import css from "./page.module.css";

const say = text.devices;

export function TestResult({ test }: { test: DeviceTest }) {
  return (
    <Notice
      tone={test.ok ? "good" : "bad"}
      title={test.ok ? (test.held_until == null ? say.tested : say.testHeld) : say.testBroken}
      live
    >
      <ul className={css.rungs}>
        {test.rungs.map((rung, i) => (
          <li key={`${i} ${rung.step}`}>
            <Tag tone={rung.ok ? "good" : "bad"}>
              {rung.ok ? say.holds : rung.person_needed ? say.wantsPerson : say.breaks}
            </Tag>{" "}
            <strong>{say.steps[rung.step] ?? rung.step}</strong>
            <div className={rung.ok ? ui.soft : undefined}>{rung.said}</div>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
