/** What a test has to know of the processes of a server that are not its own children. Linux and macOS. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** The direct children of a process, by process id. */
export function childrenOf(parent: number): number[] {
  return processes()
    .filter((process) => process.parent === parent)
    .map(({ pid }) => pid)
}

/** Whether a process still holds its memory and files; one that has ended and waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  return processes().some((process) => process.pid === pid && !process.hasEnded)
}

interface ProcessRow {
  readonly pid: number
  readonly parent: number
  readonly hasEnded: boolean
}

function processes(): ProcessRow[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

// Small Linux images have no `ps`.
function fromProc(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        // The name in parentheses may hold spaces and parentheses itself.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return [{ pid: Number(name), parent: Number(parent), hasEnded: state === 'Z' || state === 'X' }]
      } catch {
        return [] // ended while we were looking
      }
    })
}

function fromPs(): ProcessRow[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, state = ''] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), hasEnded: state.startsWith('Z') }
    })
}
