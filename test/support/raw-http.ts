/** HTTP by hand, so that a test sees every byte of a reply and sends what no client would. */
import { connect } from 'node:net'

/** Sends the text as it is on a connection of its own, and gives what comes back until the reply is whole or the end. */
export function exchange(address: string, text: string, isHead = text.startsWith('HEAD ')): Promise<string> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let got = ''
    socket.on('connect', () => socket.write(text, 'latin1'))
    socket.on('data', (part) => {
      got += part.toString('latin1')
      if (isWhole(got, isHead)) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(got))
  })
}

export interface Asked {
  readonly method?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

export function requestText(path: string, { method = 'GET', headers = [], body }: Asked = {}): string {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return [`${method} ${path} HTTP/1.1`, 'Host: sgcache', ...headers, ...length, '', body ?? ''].join('\r\n')
}

function isWhole(text: string, isHead: boolean): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  if (isHead || /^HTTP\/1\.1 (304|204) /.test(text)) return true
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(text.slice(0, end + 2))) return text.endsWith('\r\n0\r\n\r\n')
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1]
  return length !== undefined && text.length >= end + 4 + Number(length)
}
