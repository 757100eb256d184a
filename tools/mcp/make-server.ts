/** The MCP server: what it says of itself, and its tools. A client of one collector, without state of its own. */
import { McpServer } from '@modelcontextprotocol/server'
import { CAUTION } from './add-tool.ts'
import type { CollectorApi } from './ask-collector.ts'
import { addCompareTools } from './compare-tools.ts'
import { addDeployTools } from './deploy-tools.ts'
import { addIncidentTools, addIncidentWrites } from './incident-tools.ts'
import { addInvestigationTools, addInvestigationWrites } from './investigation-tools.ts'
import { addRunTools } from './run-tools.ts'

export interface ServerSettings {
  readonly api: CollectorApi
  readonly version: string
  /** Whom writes are signed with; null when nothing may be written. */
  readonly writesBy: string | null
}

const INSTRUCTIONS = `Laststep watches runs of AI agents and says which will never finish, at which step, why, and whether the user got the answer.
From a stall to its cause: find_stalled_runs or list_incidents, then explain_run, get_incident, compare_cohorts and what_healthy_runs_do_next, then draft_five_whys. Give people the links; they lead to the dashboard.
${CAUTION}`

export function makeServer({ api, version, writesBy }: ServerSettings): McpServer {
  const about = { name: 'laststep', title: 'Laststep', version }
  const server = new McpServer(about, { instructions: INSTRUCTIONS })
  addRunTools(server, api)
  addIncidentTools(server, api)
  addCompareTools(server, api)
  addInvestigationTools(server, api)
  addDeployTools(server, api)
  if (writesBy !== null) {
    addIncidentWrites(server, api, writesBy)
    addInvestigationWrites(server, api, writesBy)
  }
  return server
}
