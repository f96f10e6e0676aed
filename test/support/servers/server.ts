/**
 * A server process that a test starts, kills, freezes and starts again on the same port and files.
 *
 * Always true: it is on a leash, so it never outlives the process that started it, and whoever started it closes it,
 * which also removes its directory. Signals reach its children as well (Postgres has one for each connection).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { leash } from './leash.ts'
import { childrenOf, isAlive } from './process-tree.ts'
import { until } from './until.ts'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** As whom it runs; as ourselves by default. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** What it prints when it answers. */
  readonly ready: RegExp
  /** The signal that lets it end in good order. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT'
  /** Told of everything it prints. */
  readonly onOutput?: (text: string) => void
}

interface Run {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
  readonly release: () => void
}

const READY_WITHIN_MS = 60_000

export class Server {
  readonly port: number
  readonly url: string
  /** All its files are below it. */
  readonly directory: string
  readonly #program: Program
  #run: Run | undefined
  #frozen: { pids: readonly number[]; release: () => void } | undefined

  private constructor(at: { port: number; url: string; directory: string }, program: Program) {
    this.port = at.port
    this.url = at.url
    this.directory = at.directory
    this.#program = program
  }

  /** Resolves when it answers; rejects, with what it printed, when it ends before that. */
  static async start(at: { port: number; url: string; directory: string }, program: Program): Promise<Server> {
    const server = new Server(at, program)
    try {
      await server.#launch()
    } catch (error) {
      await server.close()
      throw error
    }
    return server
  }

  get isRunning(): boolean {
    return this.#run !== undefined
  }

  get pid(): number {
    const pid = this.#run?.process.pid
    if (pid === undefined) throw new Error(`The server at ${this.url} is not running.`)
    return pid
  }

  /** As a power cut does: no process of it has a chance to say or save anything. */
  async kill(): Promise<void> {
    const run = this.#run
    if (!run) return
    const pids = this.#hold()
    for (const pid of pids) signal(pid, 'SIGKILL')
    await run.ended
    await until(() => !pids.some(isAlive), { what: `the processes of ${this.url} have ended` })
  }

  /** Ends it in good order. Its files stay, for `restart`. */
  async stop(): Promise<void> {
    const run = this.#run
    if (!run) return
    this.thaw()
    signal(this.pid, this.#program.stopSignal)
    await run.ended
  }

  /** Kills it if it runs, and starts it on the same port and files. */
  async restart(): Promise<void> {
    await this.kill()
    await this.#launch()
  }

  /** It keeps its connections and accepts new ones as far as the system does it alone, but answers nothing. */
  freeze(): void {
    if (this.#frozen) return
    const pids = this.#hold()
    this.#frozen = { pids, release: leash(pids) }
  }

  thaw(): void {
    if (!this.#frozen) return
    for (const pid of this.#frozen.pids) signal(pid, 'SIGCONT')
    this.#frozen.release()
    this.#frozen = undefined
  }

  /** Kills it and removes its files. */
  async close(): Promise<void> {
    await this.kill()
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 })
  }

  /** Halts all its processes, the one that makes the others first, so that none is missed. */
  #hold(): number[] {
    const { pid } = this
    signal(pid, 'SIGSTOP')
    const pids = [pid, ...childrenOf(pid)]
    for (const child of pids) signal(child, 'SIGSTOP')
    return pids
  }

  async #launch(): Promise<void> {
    const { command, args, env, user, ready, onOutput } = this.#program
    const child = spawn(command, args, {
      cwd: this.directory,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    })
    const ended = once(child, 'exit').finally(() => this.#ended(child))
    const release = child.pid === undefined ? () => {} : leash([child.pid], this.directory)
    this.#run = { process: child, ended, release }
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => onOutput?.(String(chunk)))
    await becomesReady(child, ready, ended)
  }

  #ended(child: ChildProcess): void {
    if (this.#run?.process !== child) return
    this.#run.release()
    this.#frozen?.release()
    this.#run = undefined
    this.#frozen = undefined
  }
}

/** Reads on for as long as it runs: a server whose output nobody reads would come to wait for it. */
async function becomesReady(child: ChildProcess, ready: RegExp, ended: Promise<unknown>): Promise<void> {
  let printed = ''
  const seen = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        printed = (printed + String(chunk)).slice(-8192)
        if (ready.test(printed)) resolve()
      })
    }
  })
  const tooLate = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready within ${READY_WITHIN_MS} ms`)), READY_WITHIN_MS)
    void seen.then(() => clearTimeout(timer))
    timer.unref()
  })
  const endedEarly = ended.then(() => Promise.reject(new Error('it ended')))
  // After it is ready, its end is no failure of the start.
  endedEarly.catch(() => {})
  try {
    await Promise.race([seen, tooLate, endedEarly])
  } catch (cause) {
    child.kill('SIGKILL')
    throw new Error(`${child.spawnfile} did not start:\n${printed}`, { cause })
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended by itself, which is as good.
  }
}
