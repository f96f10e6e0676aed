import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { aborted, onStop } from '../../src/cli/stop-signal.ts'

function fakeProcess(platform: NodeJS.Platform = 'linux') {
  const emitter = new EventEmitter()
  const exits: number[] = []
  const signalled = {
    platform,
    on: (name: string, listener: (name: NodeJS.Signals) => void) => emitter.on(name, listener),
    off: (name: string, listener: (name: NodeJS.Signals) => void) => emitter.off(name, listener),
    exit: (code: number) => void exits.push(code),
  }
  return { signalled, exits, emitter, send: (name: NodeJS.Signals) => emitter.emit(name, name) }
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('the first %s asks to finish, the second ends the process with %d', async (name, code) => {
  const { signalled, exits, send } = fakeProcess()
  const told: string[] = []
  const stop = onStop((one) => told.push(one), signalled)
  expect(stop.signal.aborted).toBe(false)
  send(name)
  await aborted(stop.signal)
  expect([told, exits]).toEqual([[name], []])
  send(name)
  expect([told, exits]).toEqual([[name], [code]])
})

test('Ctrl-Break is listened for where there is one', () => {
  const linux = fakeProcess()
  onStop(() => undefined, linux.signalled)
  expect(linux.emitter.listenerCount('SIGBREAK')).toBe(0)
  const windows = fakeProcess('win32')
  const stop = onStop(() => undefined, windows.signalled)
  windows.send('SIGBREAK')
  expect(stop.signal.aborted).toBe(true)
})

test('released, the signals are the system’s again', () => {
  const { signalled, emitter } = fakeProcess()
  onStop(() => undefined, signalled).release()
  expect(emitter.eventNames()).toEqual([])
})
