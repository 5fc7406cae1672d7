/** What a phone shows, and what Decorum understands of it: outlines over the picture, facts beside. */
import { Button, Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";

import {
  type DeviceElement,
  type DeviceScreen,
  pictureOf,
  useLook,
  useScreen,
} from "../../api/work.ts";
import { Ago } from "../../components/time.tsx";
import { Failed, Loading, Notice, ui } from "../../components/ui.tsx";
import { words } from "../../lib/format.ts";
import { useMay } from "../../lib/roles.ts";
import { text } from "../../text.ts";
import css from "./screen-dialog.module.css";

const say = text.devices;

type Which = "known" | "all" | "none";

function isShown(element: DeviceElement, which: Which): boolean {
  return which === "all" || (which === "known" && element.known_as != null);
}

function Picture({
  id,
  screen,
  which,
  lit,
}: {
  id: string;
  screen: DeviceScreen;
  which: Which;
  lit: DeviceElement | null;
}) {
  const { width, height } = screen;
  return (
    <div className={css.picture}>
      <img src={pictureOf(id, screen.taken_at)} alt={say.picture(id)} />
      {width != null && height != null && (
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden>
          {screen.elements.map((element, i) =>
            isShown(element, which) || element === lit ? (
              <rect
                key={i}
                x={element.x}
                y={element.y}
                width={element.width}
                height={element.height}
                rx={3}
                className={
                  element === lit ? css.lit : element.known_as == null ? css.other : css.known
                }
              />
            ) : null,
          )}
        </svg>
      )}
    </div>
  );
}

function Seen({ id, screen }: { id: string; screen: DeviceScreen }) {
  const [which, setWhich] = useState<Which>("known");
  const [lit, setLit] = useState<DeviceElement | null>(null);
  const listed = screen.elements.filter((element) =>
    isShown(element, which === "none" ? "known" : which),
  );
  return (
    <div className={css.seen}>
      <div>
        <Picture id={id} screen={screen} which={which} lit={lit} />
        {screen.elements.length > 0 && (
          <SegmentedControl
            mt="xs"
            size="xs"
            fullWidth
            aria-label={say.outlined}
            value={which}
            onChange={(value) => setWhich(value as Which)}
            data={Object.entries(say.outlines).map(([value, label]) => ({ value, label }))}
          />
        )}
      </div>
      <div className={css.facts}>
        <dl className={ui.facts}>
          <dt>{say.page}</dt>
          <dd>{screen.page == null ? say.pageUnknown : words(screen.page)}</dd>
          <dt>{say.seenAt}</dt>
          <dd>
            <Ago at={screen.taken_at} />
          </dd>
        </dl>
        {screen.problem != null && <Notice tone="warn" title={screen.problem} />}
        {screen.says.length > 0 && (
          <>
            <h3>{say.says}</h3>
            <pre tabIndex={0} aria-label={say.says}>
              {screen.says.join("\n")}
            </pre>
          </>
        )}
        {listed.length > 0 && (
          <>
            <h3>{say.elements(listed.length)}</h3>
            <div
              className={`${ui.tableScroll} ${css.elements}`}
              tabIndex={0}
              role="region"
              aria-label={say.elements(listed.length)}
            >
              <table className={ui.table}>
                <thead>
                  <tr>
                    <th scope="col">{say.element}</th>
                    <th scope="col">{say.knownAs}</th>
                    <th scope="col">{say.elementSays}</th>
                  </tr>
                </thead>
                <tbody>
                  {listed.map((element, i) => (
                    <tr
                      key={i}
                      onMouseEnter={() => setLit(element)}
                      onMouseLeave={() => setLit(null)}
                    >
                      <td>
                        {element.kind}
                        {element.id != null && <div className={ui.soft}>{element.id}</div>}
                      </td>
                      <td>{element.known_as != null && words(element.known_as)}</td>
                      <td>{element.says}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

export function ScreenDialog({
  id,
  taken,
  onClose,
}: {
  id: string;
  /** When the last picture was taken; null: there is none. */
  taken: string | null;
  onClose: () => void;
}) {
  const mayLook = useMay("operator");
  const look = useLook();
  const last = useScreen(id, taken);
  const screen = last.data;
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={say.lookTitle(id)}
      closeButtonProps={{ "aria-label": text.interactions.close }}
    >
      {look.data?.held_until != null && <Notice tone="info" title={say.held} live />}
      {look.error !== null && <Failed error={look.error} />}
      {last.error !== null && <Failed error={last.error} again={() => void last.refetch()} />}
      {screen !== undefined ? (
        <Seen id={id} screen={screen} />
      ) : taken !== null && last.error === null ? (
        <Loading />
      ) : (
        look.error === null && <p className={ui.soft}>{say.lookNever}</p>
      )}
      <Button
        mt="md"
        disabled={!mayLook}
        title={mayLook ? undefined : text.role.needs("operator")}
        loading={look.isPending}
        onClick={() => look.mutate(id)}
      >
        {say.lookAgain}
      </Button>
    </Modal>
  );
}
