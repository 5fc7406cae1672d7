import { Kbd, Modal } from "@mantine/core";

import { text } from "../text.ts";
import { ui } from "./ui.tsx";

interface Page {
  readonly key: string;
  readonly name: string;
}

export function ShortcutHelp({
  opened,
  onClose,
  pages,
}: {
  opened: boolean;
  onClose: () => void;
  pages: readonly Page[];
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={text.shortcuts.title}
      closeButtonProps={{ "aria-label": text.interactions.close }}
    >
      <dl className={ui.facts}>
        <dt>
          <Kbd>/</Kbd>
        </dt>
        <dd>{text.shortcuts.search}</dd>
        <dt>
          <Kbd>?</Kbd>
        </dt>
        <dd>{text.shortcuts.help}</dd>
        <dt>
          <Kbd>Esc</Kbd>
        </dt>
        <dd>{text.shortcuts.close}</dd>
        {pages.map(({ key, name }) => (
          <div key={key} style={{ display: "contents" }}>
            <dt>
              <Kbd>g</Kbd> <Kbd>{key}</Kbd>
            </dt>
            <dd>{name}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
