/** docs/configuration.md: every setting, from the schema. */
import { searchPlaces } from '../../src/config/find.ts'
import { sectionPurpose } from '../../src/config/schema.ts'
import { fileKeyOf, type Setting, settingsOf } from '../../src/config/settings.ts'
import { generatedNotice } from './notice.ts'

export function configurationPage(): string {
  const settings = settingsOf(['<name>'])
  const top = settings.filter(({ path }) => path.length === 1)
  const sections = Object.entries(sectionPurpose).map(([name, purpose]) => {
    const own = settings.filter(({ path }) => path.length > 1 && path[0] === name)
    return `## ${name}\n\n${purpose}\n\n${own.map(settingText).join('\n\n')}`
  })
  return `${[introduction(), ...top.map(settingText), ...sections].join('\n\n')}\n`
}

function introduction(): string {
  const files = searchPlaces.map((place) => `\`${place}\``).join(', ')
  return `# Configuration

${generatedNotice}

A setting can be given in five ways. The first that has it wins:

1. a flag of the command: some settings have their own (\`--port 9000\`), all can be given by name (\`--set cache.grace=1h\`);
2. an environment variable: \`SGCACHE_\`, the section and the key (\`SGCACHE_CACHE_GRACE=1h\`), and for some a customary
   name (\`SG_URL\`); an empty variable counts as not set;
3. the same variables in a file \`.env\` in the working folder;
4. a configuration file: the first found of ${files} in the working folder or a folder above it, else \`config.yaml\`
   (or \`.yml\`, \`.json\`, \`.js\`) in the user's settings folder (\`~/.config/sgcache\` on Linux,
   \`~/Library/Preferences/sgcache\` on macOS, \`%APPDATA%\\sgcache\\Config\` on Windows), else in \`~/.sg_cache\`.
   \`--config FILE\` or \`SGCACHE_CONFIG\` names one instead;
5. its default.

Durations have a unit: \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`. Sizes too: \`B\`, \`KB\`, \`MB\`, \`GB\`, in powers of 1024. In the
environment and in flags a list is written \`Shot,Task\`, a table \`Task=5m,Shot=1h\`.

**Secrets** come from the environment, from \`.env\`, from a file that \`<NAME>_FILE\` names, or from the credentials of the
service manager (systemd: \`LoadCredential=SG_KEY:/path\`). They are refused in configuration files and flags, and shown
nowhere; a configuration file may name the file that holds one (\`key_file\`, relative to itself).

Unknown names are refused. \`sgcache config check\` tells every problem at once, each with its place; \`sgcache config show
--origin\` prints what is in force and where it comes from. Editors complete and check the file by
[sgcache.schema.json](sgcache.schema.json), if its first line is
\`# yaml-language-server: $schema=<path of sgcache.schema.json>\`, as \`sgcache init\` writes it.

\`\`\`yaml
# A small studio: everything else has a good default.
shotgrid:
  url: https://studio.shotgrid.autodesk.com
  script: sgcache
warm:
  types: [Project, Sequence, Shot, Asset]
cache:
  memory: 1GB
  ttl_by_type:
    Task: 10m
\`\`\``
}

function settingText(setting: Setting): string {
  const facts = [
    `takes ${setting.kind.expects}`,
    defaultOf(setting),
    setting.envNames.map((name) => `\`${name}\``).join(', '),
    ...(setting.secret ? [`secret: in a file only as \`${fileKeyOf(setting)}\``] : []),
    ...(setting.flag ? [`\`--${setting.flag}\``] : []),
  ]
  return `### ${setting.name}\n\n${setting.description}\n\n${facts.map((fact) => `- ${fact}`).join('\n')}`
}

function defaultOf(setting: Setting): string {
  if (setting.required) return 'must be set'
  if (setting.fallback === undefined) return `not set by default${setting.whenUnset ? `: ${setting.whenUnset}` : ''}`
  const { fallback } = setting
  return `default \`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``
}
