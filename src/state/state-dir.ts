import { readdirSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { Folder, within } from '../system/folder.ts';
import { removeTemporary } from '../system/temporary-files.ts';
import type { AcceptedZones, ZoneTexts } from './accepted-zones.ts';
import type { AppliedPolicy } from './applied-policy.ts';
import type { Backup } from './backup.ts';
import type { KeptSets } from './kept-sets.ts';
import type { StateKind } from './state-file.ts';
import { StateFile, requireTrustedFolder } from './state-file.ts';
import type { UnconfirmedRecord } from './unconfirmed-record.ts';

const MIB = 2 ** 20;

const policyKind: StateKind<AppliedPolicy> = {
  file: 'policy.json',
  what: 'the remembered policy',
  version: 1,
  maxBytes: MIB,
  loadForm: async () => (await import('./applied-policy.ts')).appliedPolicyForm,
};

const formerKind: StateKind<Backup> = {
  file: 'former.json',
  what: 'the former fence',
  version: 1,
  // The networks of all countries are 6 MiB.
  maxBytes: 64 * MIB,
  loadForm: async () => (await import('./backup.ts')).backupForm,
};

const pendingKind: StateKind<UnconfirmedRecord> = {
  file: 'pending.json',
  what: 'the change to be confirmed',
  version: 1,
  maxBytes: MIB,
  loadForm: async () => (await import('./unconfirmed-record.ts')).unconfirmedForm,
};

const zonesKind: StateKind<AcceptedZones> = {
  file: 'zones.json',
  what: 'the record of accepted zones',
  version: 1,
  maxBytes: MIB,
  loadForm: async () => (await import('./accepted-zones.ts')).acceptedZonesForm,
};

const zoneTextsKind: StateKind<ZoneTexts> = {
  file: 'zone-texts.json',
  what: 'the copy of accepted zones',
  version: 1,
  maxBytes: 64 * MIB,
  loadForm: async () => (await import('./accepted-zones.ts')).zoneTextsForm,
};

const keptKind: StateKind<KeptSets> = {
  file: 'kept-sets.json',
  what: 'since when sets are kept',
  version: 1,
  maxBytes: MIB,
  loadForm: async () => (await import('./kept-sets.ts')).keptForm,
};

/** Files that earlier versions kept: nobody reads them any more. */
const retired = ['counting.json'];

/** What geofence remembers from run to run: a folder with a JSON file for each thing. */
export class StateDir {
  readonly dir: string;
  readonly policy: StateFile<AppliedPolicy>;
  readonly former: StateFile<Backup>;
  readonly pending: StateFile<UnconfirmedRecord>;
  readonly zones: StateFile<AcceptedZones>;
  readonly zoneTexts: StateFile<ZoneTexts>;
  /** No part of what is moved from folder to folder: what it does not tell counts from the next refresh. */
  readonly kept: StateFile<KeptSets>;

  constructor(dir: string) {
    this.dir = dir;
    this.policy = new StateFile(dir, policyKind);
    this.former = new StateFile(dir, formerKind);
    this.pending = new StateFile(dir, pendingKind);
    this.zones = new StateFile(dir, zonesKind);
    this.zoneTexts = new StateFile(dir, zoneTextsKind);
    this.kept = new StateFile(dir, keptKind);
  }

  /** Throws when the folder exists and others could write in it. */
  requireTrusted(): void {
    requireTrustedFolder(this.dir);
  }

  /** Whether any of the state files is there, whatever is in it. */
  hasFiles(): boolean {
    try {
      const names = readdirSync(this.dir);
      return [policyKind, formerKind, pendingKind].some(({ file }) => names.includes(file));
    } catch {
      return false;
    }
  }

  /** Removes what killed runs and earlier versions left, best effort. Only under the lock of the folder. */
  async tidy(): Promise<void> {
    try {
      await within(Folder.openOwn(this.dir), async (folder) => {
        removeTemporary(folder);
        for (const name of retired) await unlink(folder.at(name)).catch(() => {});
      });
    } catch {
      // What is left over harms nobody.
    }
  }
}
