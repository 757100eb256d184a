/** A screen on a wall is not touched for hours: keep it lit while it is seen. @returns what lets it sleep again */
export function keepLit(): () => void {
  let lock: WakeLockSentinel | null = null
  let isOver = false
  const ask = async (): Promise<void> => {
    if (document.visibilityState !== 'visible' || lock !== null || isOver) return
    try {
      const held = await navigator.wakeLock.request('screen')
      if (isOver) return void held.release()
      lock = held
      // The browser takes it back when the page is out of sight.
      held.addEventListener('release', () => (lock = null), { once: true })
    } catch {
      // Refused (a low battery), or unknown here: `navigator.wakeLock` exists on secure origins alone.
    }
  }
  const look = () => void ask()
  document.addEventListener('visibilitychange', look)
  look()
  return () => {
    isOver = true
    document.removeEventListener('visibilitychange', look)
    void lock?.release()
  }
}
