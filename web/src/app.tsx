/** Which page stands where. Each is fetched when it is first needed. */
import { Button } from "@mantine/core";
import { Component, lazy, type ReactNode, Suspense, useEffect } from "react";
import { Link, Route, Routes, useLocation } from "react-router";

import { Problem } from "./api/client.ts";
import { useClock, useSession } from "./api/queries.ts";
import { useFollowWork } from "./api/work.ts";
import { Shell } from "./components/shell.tsx";
import { Empty, Failed, Loading, Notice } from "./components/ui.tsx";
import { SessionContext } from "./lib/roles.ts";
import { startStream } from "./lib/stream.ts";
import { Overview } from "./pages/overview/page.tsx";
import { text } from "./text.ts";

const Accounts = lazy(() => import("./pages/accounts/page.tsx"));
const Account = lazy(() => import("./pages/accounts/account.tsx"));
const Interactions = lazy(() => import("./pages/interactions/page.tsx"));
const Settings = lazy(() => import("./pages/settings/page.tsx"));
const Tasks = lazy(() => import("./pages/tasks/page.tsx"));
const NewTask = lazy(() => import("./pages/tasks/new-task.tsx"));
const Task = lazy(() => import("./pages/tasks/task.tsx"));
const Devices = lazy(() => import("./pages/devices/page.tsx"));
const People = lazy(() => import("./pages/people/page.tsx"));
const Audit = lazy(() => import("./pages/audit/page.tsx"));
const Login = lazy(() => import("./pages/login/page.tsx"));

/** A page that breaks leaves the way to the others standing. */
class Fence extends Component<{ at: string; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidUpdate(before: { at: string }) {
    if (before.at !== this.props.at && this.state.broken) this.setState({ broken: false });
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Notice tone="bad" title={text.errors.crashed} live>
        <p>{text.errors.crashedBody}</p>
        <Button mt="xs" size="xs" variant="default" onClick={() => location.reload()}>
          {text.errors.reload}
        </Button>
      </Notice>
    );
  }
}

function NotThere() {
  return (
    <Empty page title={text.states.notThere} body={text.states.notThereBody}>
      <Button component={Link} to="/" variant="default">
        {text.states.home}
      </Button>
    </Empty>
  );
}

function Pages() {
  const { pathname } = useLocation();
  useClock();
  useEffect(startStream, []);
  useFollowWork();
  return (
    <Fence at={pathname}>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route path="/" element={<Overview />} />
          <Route path="/accounts" element={<Accounts />} />
          <Route path="/accounts/:id" element={<Account />} />
          <Route path="/interactions" element={<Interactions />} />
          <Route path="/tasks" element={<Tasks />} />
          <Route path="/tasks/new" element={<NewTask />} />
          <Route path="/tasks/:id" element={<Task />} />
          <Route path="/devices" element={<Devices />} />
          <Route path="/people" element={<People />} />
          <Route path="/people/:name" element={<People />} />
          <Route path="/settings" element={<Settings />} />
          <Route path="/audit" element={<Audit />} />
          <Route path="*" element={<NotThere />} />
        </Routes>
      </Suspense>
    </Fence>
  );
}

export function App() {
  const session = useSession();
  const unknown = session.error instanceof Problem && session.error.status === 401;
  if (unknown) {
    return (
      <Suspense fallback={<Loading />}>
        <Login />
      </Suspense>
    );
  }
  if (session.data === undefined) {
    return (
      <main>
        {session.error === null ? (
          <Loading />
        ) : (
          <Failed error={session.error} again={() => void session.refetch()} />
        )}
      </main>
    );
  }
  return (
    <SessionContext.Provider value={session.data}>
      <Shell session={session.data}>
        <Pages />
      </Shell>
    </SessionContext.Provider>
  );
}
