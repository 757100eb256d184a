/** From a repository's address to the pages where a new issue is filled in already. */
import type { IssueLinks } from '../../contract/investigations.ts'

type IssueLink = IssueLinks['links'][number]

/** GitHub answers 414 above some 8,190 bytes of address. */
const HREF_MAX = 8_000

/**
 * @param repository `https://github.com/acme/agent`, or a template for its lines of code, `…/blob/{version}/{path}`
 * @param whole where the whole sheet is, for an issue that has only its beginning
 * @returns none for what is no address on the web; both kinds where the address does not tell which it is
 */
export function linkIssues(repository: string, title: string, body: string, whole: string): readonly IssueLink[] {
  const root = readRepository(repository)
  return root === null ? [] : root.sites.map((site) => linkFor(site, root.address, title, body, whole))
}

const PATHS = { github: '/issues/new', gitlab: '/-/issues/new' } as const
const NAMES = { github: ['title', 'body'], gitlab: ['issue[title]', 'issue[description]'] } as const

function linkFor(site: IssueLink['site'], address: string, title: string, body: string, whole: string): IssueLink {
  const [titleName, bodyName] = NAMES[site]
  const hrefOf = (text: string): string =>
    `${address}${PATHS[site]}?${new URLSearchParams({ [titleName]: title, [bodyName]: text }).toString()}`
  const href = hrefOf(body)
  if (href.length <= HREF_MAX) return { site, href, isCut: false }
  const more = `\n\nThe whole sheet: ${whole}\n`
  const lines = body.split('\n')
  let [fits, tooMany] = [0, lines.length]
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (hrefOf(lines.slice(0, middle).join('\n') + more).length <= HREF_MAX) fits = middle
    else tooMany = middle
  }
  return { site, href: hrefOf(lines.slice(0, fits).join('\n') + more), isCut: true }
}

interface Repository {
  readonly address: string
  readonly sites: readonly IssueLink['site'][]
}

function readRepository(written: string): Repository | null {
  // What follows is a place in the repository, by this site's words or by that one's.
  const [root = ''] = written.trim().split(/\/(?:-|blob|tree|src|raw|issues)(?:\/|$)|[?#{]/)
  const url = URL.parse(root)
  if (url === null || !/^https?:$/.test(url.protocol)) return null
  const names = url.pathname
    .replace(/\.git$/, '')
    .split('/')
    .filter((name) => name !== '')
  if (names.length < 2) return null
  const sites = sitesOf(url.hostname, written)
  // GitHub has owner and name; GitLab's groups go as deep as they like.
  const path = sites.includes('gitlab') ? names : names.slice(0, 2)
  return { address: `${url.origin}/${path.join('/')}`, sites }
}

function sitesOf(host: string, written: string): Repository['sites'] {
  if (/(^|\.)github\./.test(host)) return ['github']
  if (/(^|\.)gitlab\./.test(host) || written.includes('/-/')) return ['gitlab']
  return ['github', 'gitlab']
}
