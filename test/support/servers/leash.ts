/**
 * Ties processes to this one: when this process ends in whatever way, they are killed and their directory is removed.
 *
 * A small shell outside of our process group reads from a pipe whose other end only we hold. A line on it means that
 * all is well; the end of it means that we are gone. Costs one `sh` for each leash.
 */
import { spawn } from 'node:child_process'

const script = `
trap '' INT TERM HUP
directory=$1; shift
read -r line && exit 0
kill -9 "$@" 2>/dev/null
# Children of the killed may write for a moment after it.
sleep 1
[ -z "$directory" ] || rm -rf "$directory"
`

/** Returns the release, for when the processes have ended or have been handed to somebody else. */
export function leash(pids: readonly number[], directory = ''): () => void {
  const keeper = spawn('sh', ['-c', script, 'leash', directory, ...pids.map(String)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keeper.unref()
  // It may be gone already where the whole machine is being taken down; then there is nobody to tell.
  keeper.stdin.on('error', () => {})
  return () => keeper.stdin.end('\n')
}
