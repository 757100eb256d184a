/** `@laststep/client`: what a page imports that shows the runs of an agent runtime. */
export { connect } from './connect.ts'
export { followRuns } from './follow-runs.ts'
export { whenPainted } from './page.ts'

export type { Client, ConnectOptions, SocketLike } from './connect.ts'
export type { Ack, FollowSettings, Gap, Resumption, RunFollower } from './follow-runs.ts'
export type { Place } from '../contract/place.ts'
