/**
 * Fields whose value follows from another field of the same row, and that may change without an event of their own.
 */
import { displayNameFields, type Schema } from '../shotgrid/schema.ts'

/** Those that the schema has, for a change of `field`. */
export function derivedFields(type: string, field: string, schema: Schema): readonly string[] {
  const derived = [...(derivations[`${type}.${field}`] ?? []), ...(derivations[`*.${field}`] ?? [])]
  if (displayNameFields(type)?.includes(field)) derived.push('cached_display_name')
  return derived.filter((name) => schema.field(type, name) !== undefined)
}

const derivations: Readonly<Record<string, readonly string[]>> = {
  'HumanUser.firstname': ['name'],
  'HumanUser.lastname': ['name'],
  '*.image': ['filmstrip_image'],
  'PublishedFile.path': ['path_cache', 'path_cache_storage'],
  'Version.sg_uploaded_movie': ['sg_uploaded_movie_mp4', 'sg_uploaded_movie_webm', 'sg_uploaded_movie_frame_rate'],
  'Version.sg_first_frame': ['frame_count', 'frame_range'],
  'Version.sg_last_frame': ['frame_count', 'frame_range'],
}
