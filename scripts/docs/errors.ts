/** docs/errors.md: every error, from the catalogue. */
import { type ErrorCode, errorCatalogue } from '../../src/errors.ts'
import { generatedNotice } from './notice.ts'

export function errorsPage(): string {
  // Keys of our own table.
  const codes = (Object.keys(errorCatalogue) as ErrorCode[]).sort()
  return `# Errors

${generatedNotice}

Over HTTP an error is \`{"error": {"code", "message", …}}\` with the status below; a command prints the message and the
hint on stderr and ends with the exit code. Words in braces stand for what was found. What the exit codes mean is told in
[commands.md](commands.md#exit-codes).

${codes.map(errorText).join('\n\n')}
`
}

function errorText(code: ErrorCode): string {
  const { message, status, exitCode, hint } = errorCatalogue[code]
  const firstLine = message.split('\n')[0]
  return `## ${code}\n\n> ${firstLine}\n\n${hint}\n\nHTTP ${status}, exit code ${exitCode}.`
}
