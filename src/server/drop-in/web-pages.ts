/**
 * Pages of the site for people. Programs take our address for the site's and make links to them ("show in ShotGrid");
 * the browser is sent on to the site itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendReply } from './site-pass.ts'

export function isWebPage({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && /^\/(detail|page)\//.test(url)
}

/** `site`: its address, without a slash at the end. */
export function sendToSite({ url = '' }: IncomingMessage, response: ServerResponse, site: string): void {
  sendReply(response, { status: 302, headers: { location: site + url }, body: Buffer.alloc(0) }, 'web page')
}
