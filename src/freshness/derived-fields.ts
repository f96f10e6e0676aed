/**
 * Fields that the site works out from another field of the same row, and may change without an event. Those that go
 * along with any edit, or with a name or a picture, are the matter of `implied-fields.ts`.
 */
import type { Schema } from '../shotgrid/schema.ts'

/** Those that the schema has, for a change of `field`. */
export function derivedFields(type: string, field: string, schema: Schema): readonly string[] {
  return (derivations[`${type}.${field}`] ?? []).filter((name) => schema.field(type, name) !== undefined)
}

const derivations: Readonly<Record<string, readonly string[]>> = {
  'PublishedFile.path': ['path_cache', 'path_cache_storage'],
  'Version.sg_uploaded_movie': ['sg_uploaded_movie_mp4', 'sg_uploaded_movie_webm', 'sg_uploaded_movie_frame_rate'],
  'Version.sg_first_frame': ['frame_count', 'frame_range'],
  'Version.sg_last_frame': ['frame_count', 'frame_range'],
}
