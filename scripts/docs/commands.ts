/** docs/commands.md: every command and option, from the program. */
import type { Command, Option } from 'commander'
import { createProgram } from '../../src/cli/program.ts'
import { generatedNotice } from './notice.ts'

export function commandsPage(): string {
  const program = createProgram({
    out: () => undefined,
    err: () => undefined,
    env: {},
    cwd: '/',
    isInteractive: false,
    isTerminal: false,
    exitWith: () => undefined,
  })
  const commands = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]))
  return `# Commands

${generatedNotice}

What a script would read is printed on stdout, talk on stderr. \`sgcache help <command>\` prints what stands here.

${commands.map(commandText).join('\n\n')}

## Exit codes

| code | meaning |
| --- | --- |
| 0 | done; a server that was told to stop has finished what was under way |
| 1 | failed |
| 2 | wrong usage or configuration: nothing was started |
| 3 | something else is not reachable: ShotGrid, the port, a store |
| 4 | refused: it would overwrite or break something |
| 128 + n | ended by the second signal \`n\`: 130 for Ctrl-C, 143 for SIGTERM |

## Variables of the program itself

| variable | effect |
| --- | --- |
| \`SGCACHE_CONFIG\` | the configuration file, as \`--config\` |
| \`SGCACHE_DEBUG\` | when set, errors are printed with their stack and cause |
| \`NO_COLOR\` | when set, questions are asked without colours; nothing else has any |
`
}

function commandText(command: Command): string {
  const names = command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name()
  const options = command.options.filter((option) => !option.hidden)
  const table = ['| option | meaning |', '| --- | --- |', ...options.map(optionRow)].join('\n')
  return `## sgcache ${names}\n\n${sentence(command.description())}\n\n${table}`
}

function optionRow(option: Option): string {
  const byDefault = option.defaultValue === undefined ? '' : ` (default \`${String(option.defaultValue)}\`)`
  const required = option.mandatory ? ' (required)' : ''
  return `| \`${cell(option.flags)}\` | ${cell(option.description)}${byDefault}${required} |`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
