/**
 * Start what listens on a port; a port that cannot be had is told in one line, with the flag that changes it.
 * @throws an Error for people when the port is taken or forbidden, else whatever `start` throws
 */
export async function onPort<Started>(flag: string, port: number, start: () => Promise<Started>): Promise<Started> {
  try {
    return await start()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    const other = `choose another with --${flag} (0: any free port)`
    if (code === 'EADDRINUSE') throw new Error(`port ${port} is taken; ${other}`, { cause: error })
    if (code === 'EACCES') throw new Error(`port ${port} may not be used by this user; ${other}`, { cause: error })
    throw error
  }
}
