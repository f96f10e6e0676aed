/** The JSON Schema by which editors complete and check a configuration file. */
import { z } from 'zod'
import { configSchema } from '../../src/config/schema.ts'
import { fileKeyOf, type Setting, settingsOf } from '../../src/config/settings.ts'

interface JsonSchema {
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  required?: string[]
  [key: string]: unknown
}

export function jsonSchema(): string {
  // The library types it as JSON of any shape; ours is an object of objects.
  const schema = z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as JsonSchema
  const settings = settingsOf(['<name>'])
  withoutSecrets(schema, [], settings)
  const { $schema, ...rest } = schema
  return `${JSON.stringify({ $schema, title: 'Configuration of sgcache', ...rest }, null, 2)}\n`
}

/** Nothing is required in a file, since any setting may come from elsewhere; secrets are there as paths of files. */
function withoutSecrets(schema: JsonSchema, path: readonly string[], settings: readonly Setting[]): void {
  delete schema.required
  for (const [key, inner] of Object.entries(schema.properties ?? {})) {
    const at = [...path, key]
    withoutSecrets(inner, at, settings)
    const setting = settings.find(({ name }) => name === at.join('.'))
    if (!setting?.secret || !schema.properties) continue
    delete schema.properties[key]
    const description = `The path of a file that holds it. ${setting.description}`
    schema.properties[fileKeyOf(setting)] = { type: 'string', minLength: 1, description }
  }
  if (typeof schema.additionalProperties === 'object') {
    withoutSecrets(schema.additionalProperties, [...path, '<name>'], settings)
  }
}
