/** What settings that name other machines take. */

/** `host:port`, or `[2001:db8::1]:port`. */
export const addressPattern = /^(\[[0-9A-Fa-f:.]+\]|[^\s:@/[\]]+):([1-9]\d{0,4})$/
export const addressExample = 'redis-1:26379'
export const portRange = { min: 1, max: 65_535 }
