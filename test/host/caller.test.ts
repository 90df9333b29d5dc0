import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCaller } from '../../src/host/caller.ts';

const passwd = 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n';

const session = '0::/user.slice/user-1000.slice/session-3.scope\n';

const cases: {
  readonly name: string;
  readonly env?: Record<string, string>;
  readonly cgroup?: string;
  readonly loginuid?: string;
  readonly isRoot?: boolean;
  readonly caller: string;
}[] = [
  { name: 'sudo', env: { SUDO_USER: 'alice' }, cgroup: session, loginuid: '1000', caller: 'alice' },
  { name: 'doas', env: { DOAS_USER: 'alice' }, caller: 'alice' },
  { name: 'an empty SUDO_USER', env: { SUDO_USER: '' }, caller: 'root' },
  {
    name: 'a unit',
    cgroup: '0::/system.slice/geofence-refresh.service\n',
    caller: 'geofence-refresh.service',
  },
  {
    name: 'a unit of cgroups of version 1',
    cgroup: '11:memory:/system.slice/x.service\n1:name=systemd:/system.slice/cron.service\n',
    caller: 'cron.service',
  },
  {
    name: 'a shell in a session, after su',
    cgroup: session,
    loginuid: '1000',
    caller: 'alice',
  },
  {
    name: 'a user whom passwd does not know',
    cgroup: session,
    loginuid: '1001\n',
    caller: 'user 1001',
  },
  {
    name: "a program of a user's own systemd",
    cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte.scope\n',
    loginuid: '1000',
    caller: 'alice',
  },
  { name: 'nobody who logged in', cgroup: '0::/\n', loginuid: '4294967295', caller: 'root' },
  { name: 'nothing to be read', caller: 'root' },
  { name: 'nothing to be read by others', isRoot: false, caller: 'a user without privileges' },
];

for (const { name, env = {}, cgroup, loginuid, isRoot = true, caller } of cases) {
  test(`the caller is told by ${name}`, async () => {
    const files: Record<string, string | undefined> = {
      '/proc/self/cgroup': cgroup,
      '/proc/self/loginuid': loginuid,
      '/etc/passwd': passwd,
    };
    const readText = async (path: string): Promise<string | undefined> => await Promise.resolve(files[path]);
    assert.equal(await readCaller({ env, readText, isRoot }), caller);
  });
}
