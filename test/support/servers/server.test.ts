import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { isAlive } from './process-tree.ts'
import { until } from './until.ts'

const postgres = join(import.meta.dirname, 'postgres.ts')

describe('a server of a test', () => {
  it('is gone, with its files, after the process that started it was killed', async () => {
    const program = `
      import { startPostgres } from ${JSON.stringify(postgres)}
      const server = await startPostgres()
      server.freeze()
      console.log(JSON.stringify({ pid: server.pid, directory: server.directory }))
      await new Promise(() => setInterval(() => {}, 1000))
    `
    const owner = execa(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      reject: false,
    })
    let printed = ''
    owner.stdout.on('data', (chunk) => {
      printed += chunk
    })
    await until(() => printed.includes('\n'), { what: 'it has started its server' })
    const { pid, directory } = JSON.parse(printed)
    expect([isAlive(pid), existsSync(directory)]).toEqual([true, true])
    owner.kill('SIGKILL')
    await until(() => !isAlive(pid) && !existsSync(directory), { what: 'its server and the files are gone' })
  })
})
