// Runs before the styles paint: a stored choice wins over the system's.
try {
  for (const name of ['theme', 'density']) {
    const look = localStorage.getItem(`laststep-${name}`)
    if (['light', 'dark', 'compact'].includes(look)) document.documentElement.dataset[name] = look
  }
} catch {
  // Storage may be forbidden; then the system's theme holds.
}
