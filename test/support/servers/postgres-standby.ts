/**
 * A standby of a Postgres that a test started: it follows by streaming, answers reads, and can take over.
 *
 * pg_basebackup is not among our programs, so this is what it does: a file-level copy of the running primary between
 * pg_backup_start and pg_backup_stop, begun after a replication slot has been made that keeps the log for it.
 */
import { randomUUID } from 'node:crypto'
import { chown, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { askPostgres, dataIn, launchPostgres, newPostgresDirectory, type PostgresServer } from './postgres.ts'
import { until } from './until.ts'

export interface StandbyServer extends PostgresServer {
  /** Resolves when it has applied all that the primary has written so far. */
  caughtUp(): Promise<void>
  /** Makes it a primary; resolves when it takes writes. */
  promote(): Promise<void>
}

/** Resolves when it follows. The primary's `synchronous_standby_names` may name it: it is called `standby`. */
export async function startStandby(
  primary: PostgresServer,
  { args = [] }: { args?: readonly string[] } = {},
): Promise<StandbyServer> {
  const { directory, binaries } = await newPostgresDirectory()
  const data = dataIn(directory)
  const slot = `standby_${randomUUID().replaceAll('-', '')}`
  await askPostgres(primary.url, `SELECT pg_create_physical_replication_slot('${slot}', true)`)
  await copyRunning(primary, data)
  await writeFile(join(data, 'standby.signal'), '')
  if (binaries.user) await giveTo(data, binaries.user)
  const from = `host=127.0.0.1 port=${primary.port} user=postgres application_name=standby`
  const following = ['-c', `primary_conninfo=${from}`, '-c', `primary_slot_name=${slot}`]
  const server = await launchPostgres(directory, binaries, [...following, ...args])
  await until(() => isStreaming(server.url), { what: 'the standby follows' })
  return Object.assign(server, {
    caughtUp: () => caughtUp(primary.url, server.url),
    promote: async () => {
      await askPostgres(server.url, 'SELECT pg_promote(true)')
    },
  })
}

async function copyRunning(primary: PostgresServer, to: string): Promise<void> {
  // The backup ends with the session that began it.
  const session = new pg.Client({ connectionString: primary.url })
  await session.connect()
  try {
    await session.query("SELECT pg_backup_start('standby', fast := true)")
    await copyFolder(dataIn(primary.directory), to)
    const { rows } = await session.query('SELECT labelfile FROM pg_backup_stop(wait_for_archive := false)')
    await writeFile(join(to, 'backup_label'), rows[0].labelfile)
  } finally {
    await session.end()
  }
}

// What belongs to the primary's own run, or would be taken for the standby's.
const LEFT_OUT = /^postmaster\.|^standby\.signal$|^backup_label/
const EMPTY = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
])

async function copyFolder(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      await mkdir(target, { mode: 0o700 })
      if (!EMPTY.has(entry.name)) await copyFolder(source, target)
    } else if (!LEFT_OUT.test(entry.name)) await copyFile(source, target).catch(unlessItIsGone)
  }
}

// The primary removes files while they are copied; its log says so too.
function unlessItIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

async function giveTo(folder: string, user: { uid: number; gid: number }): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), user.uid, user.gid)
}

async function isStreaming(url: string): Promise<boolean> {
  const [receiver] = await askPostgres(url, 'SELECT status FROM pg_stat_wal_receiver')
  return receiver?.status === 'streaming'
}

async function caughtUp(primaryUrl: string, standbyUrl: string): Promise<void> {
  const [row] = await askPostgres(primaryUrl, 'SELECT pg_current_wal_lsn() AS lsn')
  await until(
    async () => {
      const [applied] = await askPostgres(standbyUrl, `SELECT pg_last_wal_replay_lsn() >= '${row?.lsn}' AS enough`)
      return applied?.enough === true
    },
    { what: 'the standby has caught up' },
  )
}
