/**
 * The log of a server: one JSON object a line on stdout, or text for a person at a terminal.
 *
 * Whatever is logged, fields that could hold a secret are cut out by name.
 */
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from '../config/schema.ts'

const secretNames = [
  'key',
  'script_key',
  'authorization',
  'cookie',
  'password',
  'user_password',
  'session_token',
  'token',
]

export interface LogSink {
  /** To stdout; the line break is added. */
  readonly out: (line: string) => void
  readonly isTerminal: boolean
}

export function createLogger(settings: Config['log'], sink: LogSink): Logger {
  const asText = settings.format === 'text' || (settings.format === 'auto' && sink.isTerminal)
  const stream: DestinationStream = {
    write: (line) => sink.out(asText ? textLine(line) : line.trimEnd()),
  }
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`])
  const options = {
    level: settings.level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths, censor: '[hidden]' },
  }
  return pino(options, stream)
}

/** `12:00:01 info  listening address=http://…` */
function textLine(line: string): string {
  const { time, level, msg, pid: _, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>> // pino's own line
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${fieldText(value)}`)
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg ?? '')}${rest.join('')}`
}

function fieldText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
