import type { PlayName } from '../mode.ts'
import { ask, askReport, askWithoutRequest, twoInAThread } from './ask.ts'
import { loseAndResume, outliveToken, renderNothing, stopReading, vanish } from './leave.ts'
import { cutByProxy, freezeNetwork, resumeElsewhere, slowNetwork } from './network.ts'
import { askBesideAnother, inOwnProcess, stopTheProcess } from './processes.ts'
import type { Play } from './stage.ts'

export const PLAYS: Readonly<Record<PlayName, Play>> = {
  ask,
  'ask-report': askReport,
  'ask-without-request': askWithoutRequest,
  'ask-beside-another': askBesideAnother,
  vanish,
  'render-nothing': renderNothing,
  'outlive-token': outliveToken,
  'freeze-network': freezeNetwork,
  'slow-network': slowNetwork,
  'cut-by-proxy': cutByProxy,
  'stop-reading': stopReading,
  'lose-and-resume': loseAndResume,
  'resume-elsewhere': resumeElsewhere,
  'two-in-a-thread': twoInAThread,
  'in-own-process': inOwnProcess,
  'stop-the-process': stopTheProcess,
}
