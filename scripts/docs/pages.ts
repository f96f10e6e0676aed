/** All pages and files that are made from the program, by their path. */
import { envExampleText } from '../../src/cli/init/write-config.ts'
import { commandsPage } from './commands.ts'
import { configurationPage } from './configuration.ts'
import { errorsPage } from './errors.ts'
import { jsonSchema } from './json-schema.ts'

export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/configuration.md', configurationPage()],
    ['docs/commands.md', commandsPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/sgcache.schema.json', jsonSchema()],
    ['.env.example', envExampleText()],
  ])
}
