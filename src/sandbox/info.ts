/** What `info` tells without credentials: the version and what the client may derive from it. */
import type { World } from './world.ts'

export const maxEntitiesPerPage = 500

export function info(world: World): Readonly<Record<string, unknown>> {
  return {
    version: [8, 60, 0],
    full_version: [8, 60, 0, 1],
    user_authentication_method: world.switches.authenticationMethod,
    unified_login_flow_enabled: true,
    authentication_app_session_launcher_enabled: true,
    api_max_entities_per_page: maxEntitiesPerPage,
    // Files are sent to the site itself: there is no cloud storage beside it.
    s3_uploads_enabled: false,
    s3_direct_uploads_enabled: false,
    s3_enabled_upload_types: {},
  }
}
