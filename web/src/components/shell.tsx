/** What stands around every page: the way to the others, who we are, and what concerns all of them. */
import { ActionIcon, Button, Drawer, Menu, useMantineColorScheme } from "@mantine/core";
import {
  IconBook2,
  IconChecklist,
  IconDeviceMobile,
  IconDots,
  IconHome2,
  IconKeyboard,
  IconListDetails,
  IconLogout,
  IconMenu2,
  IconMoon,
  IconSearch,
  IconSettings,
  IconShieldCheck,
  IconSun,
  IconSunMoon,
  IconUser,
  IconUsers,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, NavLink, useLocation, useNavigate } from "react-router";

import { useAccounts, useClock, useConfirmClock, useLogout, type Session } from "../api/queries.ts";
import { useConnection } from "../lib/connection.ts";
import { moment, words } from "../lib/format.ts";
import { may } from "../lib/roles.ts";
import { useShortcuts } from "../lib/shortcuts.ts";
import { text } from "../text.ts";
import { ShortcutHelp } from "./shortcut-help.tsx";
import css from "./shell.module.css";
import { Notice } from "./ui.tsx";

export const PAGES = [
  { to: "/", key: "o", name: text.pages.overview, icon: IconHome2 },
  { to: "/accounts", key: "a", name: text.pages.accounts, icon: IconUsers },
  { to: "/tasks", key: "t", name: text.pages.tasks, icon: IconChecklist },
  { to: "/devices", key: "d", name: text.pages.devices, icon: IconDeviceMobile },
  { to: "/interactions", key: "i", name: text.pages.interactions, icon: IconListDetails },
  { to: "/people", key: "p", name: text.pages.people, icon: IconUser },
  { to: "/settings", key: "s", name: text.pages.settings, icon: IconSettings },
  { to: "/audit", key: "u", name: text.pages.audit, icon: IconShieldCheck },
] as const;

function Mark() {
  return <img src="/favicon.svg" width={24} height={24} alt="" />;
}

function Links({ onFollow }: { onFollow?: () => void }) {
  const halted = useAccounts().data?.filter((account) => account.state === "halted").length ?? 0;
  return (
    <>
      {PAGES.map(({ to, name, icon: Icon }) => (
        <NavLink
          key={to}
          to={to}
          end={to === "/"}
          className={css.link ?? ""}
          onClick={() => onFollow?.()}
        >
          <Icon size={19} stroke={1.7} aria-hidden />
          {name}
          {to === "/accounts" && halted > 0 && (
            <span className={css.badge}>
              {halted}
              <span className="visually-hidden"> {text.accountStates["halted"]}</span>
            </span>
          )}
        </NavLink>
      ))}
    </>
  );
}

const SCHEMES = [
  { value: "light", name: text.nav.light, icon: IconSun },
  { value: "dark", name: text.nav.dark, icon: IconMoon },
  { value: "auto", name: text.nav.system, icon: IconSunMoon },
] as const;

function MoreMenu({ session, onHelp }: { session: Session; onHelp: () => void }) {
  const { setColorScheme } = useMantineColorScheme();
  const logout = useLogout();
  return (
    <Menu position="top-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text.nav.more}>
          <IconDots size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{text.nav.scheme}</Menu.Label>
        {SCHEMES.map(({ value, name, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => setColorScheme(value)}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onHelp}>
          {text.nav.shortcuts}
        </Menu.Item>
        <Menu.Item leftSection={<IconBook2 size={16} aria-hidden />} component="a" href="/docs">
          {text.nav.api}
        </Menu.Item>
        {session.csrf_token !== null && (
          <Menu.Item
            leftSection={<IconLogout size={16} aria-hidden />}
            onClick={() => logout.mutate()}
          >
            {text.nav.logOut}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Concerns({ session }: { session: Session }) {
  const { online, since } = useConnection();
  const clock = useClock().data;
  const confirm = useConfirmClock();
  return (
    <>
      {!online && (
        <Notice tone="warn" title={text.offline.title(moment(since))} live>
          <p>{text.offline.body}</p>
        </Notice>
      )}
      {clock !== undefined && clock.trouble != null && (
        <Notice tone="bad" title={text.clock.title} live>
          <p>{clock.trouble}</p>
          <p>{text.clock.body}</p>
          <Button
            mt="xs"
            size="xs"
            disabled={!may(session, "admin")}
            title={may(session, "admin") ? undefined : text.role.needs("admin")}
            loading={confirm.isPending}
            onClick={() => confirm.mutate()}
          >
            {text.clock.confirm}
          </Button>
        </Notice>
      )}
    </>
  );
}

export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  useShortcuts(PAGES, navigate, () => setHelp(true));

  const first = useRef(true);
  useEffect(() => {
    const page = PAGES.find(({ to }) => (to === "/" ? pathname === to : pathname.startsWith(to)));
    document.title = page === undefined ? text.name : `${page.name} · ${text.name}`;
    // Whoever uses a keyboard or a screen reader begins at the top of the new page.
    // The search takes the keyboard itself.
    if (!first.current && pathname !== "/people") main.current?.focus({ preventScroll: true });
    first.current = false;
    window.scrollTo(0, 0);
  }, [pathname]);

  const who = (
    <div className={css.who}>
      <strong>{session.name}</strong>
      {text.role[session.role] ?? words(session.role)}
    </div>
  );
  return (
    <>
      <a href="#main" className={css.skip}>
        {text.skip}
      </a>
      <div className={css.frame}>
        <aside className={css.side} aria-label={text.name}>
          <Link to="/" className={css.brand}>
            <Mark />
            {text.name}
          </Link>
          <nav aria-label={text.nav.label} className={css.nav}>
            <Links />
          </nav>
          <div className={css.foot}>
            {who}
            <MoreMenu session={session} onHelp={() => setHelp(true)} />
          </div>
        </aside>
        <header className={css.top}>
          <Link to="/" className={css.brand}>
            <Mark />
            {text.name}
          </Link>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            component={Link}
            to="/people"
            aria-label={text.nav.search}
          >
            <IconSearch size={20} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={text.nav.menu}
            onClick={() => setMenu(true)}
          >
            <IconMenu2 size={20} aria-hidden />
          </ActionIcon>
        </header>
        <main id="main" ref={main} tabIndex={-1} className={css.main}>
          <Concerns session={session} />
          {children}
        </main>
      </div>
      <Drawer
        opened={menu}
        onClose={() => setMenu(false)}
        title={text.name}
        size="80%"
        closeButtonProps={{ "aria-label": text.interactions.close }}
      >
        <nav aria-label={text.nav.label} className={`${css.nav} ${css.drawerNav}`}>
          <Links onFollow={() => setMenu(false)} />
        </nav>
        <div className={css.foot}>
          {who}
          <MoreMenu session={session} onHelp={() => setHelp(true)} />
        </div>
      </Drawer>
      <ShortcutHelp opened={help} onClose={() => setHelp(false)} pages={PAGES} />
    </>
  );
}
