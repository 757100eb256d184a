/** `npm start`: everything at once, with simulated users. */
process.argv.splice(2, 0, 'demo')
await import('./laststep.mjs')
