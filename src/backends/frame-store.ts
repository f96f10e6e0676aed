/** A store of entries outside this process: frames, kept by a storage adapter of Keyv. */
import { Keyv } from 'keyv'
import { decodeFrame, encodeFrame } from '../cache/frame.ts'
import type { Store } from '../cache/ports.ts'
import { createKeyvStore, type KeyvStoreOptions } from './keyv-store.ts'

export interface FrameStoreOptions extends Pick<KeyvStoreOptions<Buffer>, 'clock' | 'maxEntryBytes' | 'maxTtlMs'> {
  readonly storage: FrameAdapter
}

/** A storage adapter that takes and gives frames as they are. */
interface FrameAdapter {
  get(key: string): Promise<{ readonly value: Buffer } | undefined>
  set(key: string, framed: { readonly value: Buffer }, ttlMs?: number): Promise<boolean>
  delete(key: string): Promise<boolean>
  /** Every frame, expired or not. */
  frames(): AsyncIterable<Buffer>
}

export function createFrameStore({ storage, ...options }: FrameStoreOptions): Store {
  const keyv = new Keyv<Buffer>({
    store: storage,
    serialize: undefined,
    deserialize: undefined,
    useKeyPrefix: false,
    throwOnErrors: true,
  })
  const codec = { encode: encodeFrame, decode: decodeFrame }
  return createKeyvStore({ ...options, keyv, codec, all: () => storage.frames() })
}
