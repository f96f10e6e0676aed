/** The yardstick: bare `node:http` that answers one constant Buffer; for a POST it reads the body first. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ofParent } from './target.ts'
import { replyBody, type WorkloadName } from './workloads.ts'

const body = replyBody(process.argv[2] as WorkloadName) // given by run.ts
const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length }

const server = createServer((request, response) => {
  const answer = () => {
    response.writeHead(200, headers)
    response.end(body)
  }
  if (request.method !== 'POST') return answer()
  request.on('data', () => {})
  request.on('end', answer)
})

server.listen(0, '127.0.0.1', () => ofParent((server.address() as AddressInfo).port)) // it listens on a port
