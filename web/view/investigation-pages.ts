/** What comes with the first investigation that is looked at: its pages, their styles, and Markdown. */
import '../style/investigation.css'

export { InvestigationPage } from './investigation-page.tsx'
export { InvestigationsPage } from './investigations-page.tsx'
