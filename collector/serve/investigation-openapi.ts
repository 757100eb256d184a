/** Investigations in the OpenAPI document. */
import { EXPORT_FORMATS, HISTORY_PAGE, INVESTIGATION_STATES } from '../../contract/investigations.ts'
import { answer, jsonOf, parameter, refOf, refused, words, type Json } from './openapi-parts.ts'

const ID: Json = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'As it is shown: `INV-12`',
}
const REV: Json = {
  ...parameter('rev', 'The sheet as it was at this revision; the newest when absent'),
  schema: { type: 'integer', minimum: 1 },
}
const NONE = refused('404', 'There is no such investigation')
const WRONG = refused('400', 'A parameter is wrong')
const REFUSED: Json = {
  ...refused('400', 'A field is wrong, or an edit is not possible: nothing was done'),
  ...refused('403', 'A page of another site may not'),
  ...refused('413', 'The body is too large'),
}

export const INVESTIGATION_PATHS: Readonly<Record<string, Json>> = {
  '/api/investigations': {
    get: {
      operationId: 'listInvestigations',
      summary: 'Five-whys sheets, the one edited last first',
      parameters: [
        { ...parameter('state', 'Whether it is still worked on'), schema: words(INVESTIGATION_STATES) },
        parameter('incident', 'About this incident, by its whole fingerprint'),
        parameter('run', 'About this run'),
      ],
      responses: { ...answer('The sheets', 'InvestigationList'), ...WRONG },
    },
    post: {
      operationId: 'createInvestigation',
      summary: 'Begin a sheet about an incident or a run; Laststep drafts the first whys from evidence',
      requestBody: {
        required: true,
        content: jsonBody('NewInvestigation', { title: 'Answers that never come', by: 'ana' }),
      },
      responses: {
        ...answer('The sheet', 'Investigation'),
        ...REFUSED,
        ...refused('404', 'No such incident or run is kept'),
      },
    },
  },
  '/api/investigations/draft': {
    get: {
      operationId: 'draftInvestigation',
      summary: 'The sheet that would be made of an incident or a run, drafted from evidence and kept nowhere',
      parameters: [
        parameter('incident', 'A fingerprint, or its beginning as in `STL-4F2A09`'),
        parameter('run', 'A run id; one of the two'),
      ],
      responses: {
        ...answer('The draft, as `INV-0`', 'Investigation'),
        ...WRONG,
        ...refused('404', 'No such incident or run is kept'),
      },
    },
  },
  '/api/investigations/{id}': {
    get: {
      operationId: 'getInvestigation',
      summary: 'A sheet',
      parameters: [ID, REV],
      responses: { ...answer('The sheet', 'Investigation'), ...WRONG, ...NONE },
    },
  },
  '/api/investigations/{id}/edits': {
    post: {
      operationId: 'editInvestigation',
      summary:
        'Edit a sheet: all of the edits or none. Of two people who write one field the later stands, and is told what he replaced',
      parameters: [ID],
      requestBody: {
        required: true,
        content: jsonBody('EditRequest', {
          baseRev: 1,
          by: 'ana',
          key: '7f3a',
          edits: [{ edit: 'set', field: 'problem', value: 'Since noon one answer in ten does not come.' }],
        }),
      },
      responses: { ...answer('The sheet as it is now', 'EditAnswer'), ...REFUSED, ...NONE },
    },
  },
  '/api/investigations/{id}/history': {
    get: {
      operationId: 'getInvestigationHistory',
      summary: 'Every edit, the latest first',
      parameters: [
        ID,
        { ...parameter('before', 'Below this revision'), schema: { type: 'integer', minimum: 1 } },
        {
          ...parameter('limit', 'Entries in the answer'),
          schema: { type: 'integer', minimum: 1, maximum: HISTORY_PAGE, default: HISTORY_PAGE },
        },
      ],
      responses: { ...answer('The entries', 'InvestigationHistory'), ...WRONG, ...NONE },
    },
  },
  '/api/investigations/{id}/timeline': {
    get: {
      operationId: 'getInvestigationTimeline',
      summary: 'Runs, deploys, alerts, evidence and notes in order of time, as far as they are kept',
      parameters: [ID],
      responses: { ...answer('What happened', 'InvestigationTimeline'), ...NONE },
    },
  },
  '/api/investigations/{id}/export': {
    get: {
      operationId: 'exportInvestigation',
      summary: 'The whole sheet as one text, to be pasted or kept',
      parameters: [ID, { ...parameter('format', 'Markdown when absent'), schema: words(EXPORT_FORMATS) }, REV],
      responses: {
        '200': {
          description: 'The sheet',
          content: { 'text/markdown': { schema: { type: 'string' } }, ...jsonOf('InvestigationExport') },
        },
        ...WRONG,
        ...NONE,
      },
    },
  },
  '/api/investigations/{id}/issue-links': {
    get: {
      operationId: 'linkIssue',
      summary: "Pages of a repository's site where a new issue is filled in with the sheet",
      parameters: [
        ID,
        {
          ...parameter('repository', 'Its address, or a template for a line of its code'),
          required: true,
        },
      ],
      responses: { ...answer('The pages; none where the address is no repository', 'IssueLinks'), ...WRONG, ...NONE },
    },
  },
}

function jsonBody(schema: Parameters<typeof jsonOf>[0], example: Json): Json {
  return { 'application/json': { schema: { $ref: refOf(schema) }, example } }
}
